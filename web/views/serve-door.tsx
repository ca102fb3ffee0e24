/** The door: who waits to be accepted, how many places are left, and accept(). */
import { useRef } from "react";
import { formatEndpoint } from "../../shared/address.ts";
import { explain } from "../../shared/errors.ts";
import type { Visitor } from "../model/carrier.ts";
import { type DoorPlaces, doorPlaces } from "../model/door-places.ts";
import { bytes, count, longDuration } from "../model/format.ts";
import type { Serve } from "../model/serve.ts";
import { type ServeWords, serveWords } from "../model/serve-words.ts";
import { Menu } from "./menu.tsx";
import { AboutQueue } from "./serve-queue.tsx";
import { useFrames, useNow } from "./use-store.ts";
import { useWidth } from "./use-width.ts";

const BACKLOGS = [0, 1, 2, 3, 5, 10, 20, 50];
/** Pixels: the arrow and the button, a visitor, a place to stand, and a door on a phone. */
const WIDTHS = { accept: 196, large: 166, small: 54, narrow: 440 };

export function Door({ serve }: { serve: Serve }) {
  useFrames(serve);
  const { waiting } = serve.door;
  const { backlog } = serve.options;
  const words = serveWords(serve.isUdp);
  return (
    <section className="serve-door" aria-labelledby="door-title" data-region="door">
      <div className="section-head">
        <h2 className="label" id="door-title">
          Waiting at the door
        </h2>
        <p className="about">
          {waiting.length} of <BacklogPicker serve={serve} /> (backlog)
          <span className="wide-only">. {words.atDoor}</span>
        </p>
        <Menu label="Which queue?" face="Which queue?" className="plain-button about">
          {() => <AboutQueue backlog={backlog} isUdp={serve.isUdp} />}
        </Menu>
      </div>
      {serve.phase === "listening" ? <Queue serve={serve} /> : <Shut serve={serve} />}
    </section>
  );
}

export function BacklogPicker({ serve }: { serve: Serve }) {
  const { backlog } = serve.options;
  const choices = BACKLOGS.includes(backlog) ? BACKLOGS : [...BACKLOGS, backlog];
  return (
    <select
      aria-label="Backlog: how many may wait at the door"
      value={backlog}
      onChange={(event) => serve.configure({ backlog: Number(event.target.value) })}
    >
      {choices.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  );
}

function Shut({ serve }: { serve: Serve }) {
  const words =
    serve.phase === "asking"
      ? `Asking the gateway to bind${serve.isUdp ? "" : " and listen"}…`
      : serveWords(serve.isUdp).shut;
  return <p className="door-shut about">{words}</p>;
}

function Queue({ serve }: { serve: Serve }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { waiting } = serve.door;
  const now = useNow(100, waiting.length > 0);
  // On a phone accept() has a row of its own.
  const accept = width < WIDTHS.narrow ? 0 : WIDTHS.accept;
  const large = width - accept - 2 * WIDTHS.small > 2 * WIDTHS.large ? 2 : 1;
  const first = Math.min(large, Math.max(1, waiting.length)) * WIDTHS.large;
  const small = Math.max(1, Math.floor((width - accept - first) / WIDTHS.small));
  const words = serveWords(serve.isUdp);
  const places = doorPlaces(serve.options.backlog, waiting, { large, small: Math.min(small, 9) });
  return (
    <div className="queue">
      <div className="queue-row" ref={box}>
        <FreePlaces places={places} />
        {places.small.map((visitor) => (
          <div key={visitor.n} className="place-small" title={whoIs(visitor)}>
            <Person size={22} />
          </div>
        ))}
        <ol className="queue-first" aria-label="The first at the door">
          {places.large.map((visitor) => (
            <Waiting key={visitor.n} visitor={visitor} now={now} words={words} />
          ))}
        </ol>
        {waiting.length === 0 && <p className="about queue-empty">Nobody is at the door.</p>}
        <Accept serve={serve} />
      </div>
      <DoorNotes serve={serve} />
    </div>
  );
}

function DoorNotes({ serve }: { serve: Serve }) {
  const { waiting, refused, left, blocked } = serve.door;
  const { backlog, atOnce } = serve.options;
  const words = serveWords(serve.isUdp);
  const notes = [
    waiting.length >= backlog && !atOnce && words.full,
    refused > 0 && `${count(refused, words.refusedOne)} ${words.refused}`,
    left > 0 && `${count(left, "visitor")} left unaccepted`,
  ].filter((note) => note !== false);
  return (
    <>
      {blocked && <p className="queue-note wrong">{blockedText(blocked)}</p>}
      {notes.length > 0 && <p className="about queue-note">{`${notes.join(". ")}.`}</p>}
    </>
  );
}

/** accept() was called, and the gateway cannot do it. */
function blockedText({ code, detail }: NonNullable<Serve["door"]["blocked"]>): string {
  return explain(code, { host: "", port: 0, detail }).sentence;
}

function FreePlaces({ places }: { places: DoorPlaces }) {
  const { free, freeTotal, more } = places;
  return (
    <div className="free-places">
      <div className="free-drawn">
        <div className="free-row" aria-hidden="true">
          {free.length > 0 && free.length < freeTotal && <span className="place-rest">…</span>}
          {free.map((n) => (
            <div key={n} className="place-free data">
              {n}
            </div>
          ))}
          {more > 0 && <div className="place-more data">+{more}</div>}
        </div>
        {free.length > 0 && (
          <p className="free-note about">
            <span>{count(freeTotal, "place")} free</span>
          </p>
        )}
      </div>
    </div>
  );
}

function Waiting({ visitor, now, words }: { visitor: Visitor; now: number; words: ServeWords }) {
  const waits = Math.max(0, now - visitor.since) / 1000;
  return (
    <li className="waiting">
      <div className="place-large">
        <Person size={34} />
      </div>
      {visitor.name !== undefined && <p className="waiting-name">{visitor.name}</p>}
      <p className="data waiting-address">{formatEndpoint(visitor.remote)}</p>
      <p className="about">waits {waits < 60 ? `${waits.toFixed(1)} s` : longDuration(waits)}</p>
      <p className={visitor.unread ? "waiting-note out" : "waiting-note"}>
        {noteOf(visitor, words)}
      </p>
    </li>
  );
}

function whoIs({ name, remote }: Visitor): string {
  const address = formatEndpoint(remote);
  return name === undefined ? address : `${name}, ${address}`;
}

function noteOf({ unread, ended }: Visitor, { nothingUnread }: ServeWords): string {
  const sent = unread === null ? "" : unread > 0 ? `${bytes(unread)} unread` : nothingUnread;
  if (!ended) return sent;
  return unread ? `${sent}, has hung up` : "has hung up";
}

function Accept({ serve }: { serve: Serve }) {
  const { acceptingSince } = serve;
  const { atOnce } = serve.options;
  const now = useNow(1000, acceptingSince !== null);
  const waits = acceptingSince !== null && serve.door.waiting.length === 0;
  const words = serveWords(serve.isUdp);
  return (
    <div className="accept">
      <div className="accept-row">
        <svg width="38" height="18" viewBox="0 0 38 18" aria-hidden="true">
          <path d="M0 9h26" stroke="currentColor" strokeWidth="2.5" />
          <path d="M23 2v14l14-7z" fill="currentColor" />
        </svg>
        <button
          type="button"
          className="accept-button data"
          data-region-focus=""
          aria-disabled={atOnce || acceptingSince !== null}
          aria-keyshortcuts="Alt+A"
          title="Alt+A"
          onClick={() => !atOnce && serve.accept()}
        >
          {words.accept}
        </button>
      </div>
      <fieldset className="switch">
        <legend className="unseen">{words.acceptLegend}</legend>
        <button
          type="button"
          aria-pressed={!atOnce}
          onClick={() => serve.configure({ atOnce: false })}
        >
          by hand
        </button>
        <button
          type="button"
          aria-pressed={atOnce}
          onClick={() => serve.configure({ atOnce: true })}
        >
          at once
        </button>
      </fieldset>
      {waits && (
        <p className="about accept-waits" role="status">
          {words.acceptWaits},{" "}
          <span aria-live="off">{longDuration((now - acceptingSince) / 1000)}</span>
        </p>
      )}
    </div>
  );
}

function Person({ size }: { size: number }) {
  return (
    <svg width={size} height={size * 1.1} viewBox="0 0 30 33" aria-hidden="true">
      <circle cx="15" cy="8" r="7.5" fill="currentColor" />
      <path d="M0 33c0-10 6-15 15-15s15 5 15 15z" fill="currentColor" />
    </svg>
  );
}
