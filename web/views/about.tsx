/** What a state, an event or a failure means; and both sockets with what is known of them. */
import type { About as AboutIt } from "../model/about.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { type SocketView, socketViews } from "../model/socket-view.ts";
import { Legend } from "./about-legend.tsx";
import { StateChip } from "./state-chip.tsx";
import { useFrames } from "./use-store.ts";
import { useTimeWait } from "./use-time-wait.ts";

export interface AboutProps {
  about: AboutIt;
  /** Without its title, where that is already said. */
  untitled?: boolean;
}

export function About({ about, untitled = false }: AboutProps) {
  return (
    <div className="about-it">
      {!untitled && <h3>{about.title}</h3>}
      <p>{about.text}</p>
      {about.wrong && (
        <dl className="about-belief">
          <dt>
            <span className="unseen">Often thought, and wrong: </span>
            {about.wrong.belief}
          </dt>
          <dd>{about.wrong.shown}</dd>
        </dl>
      )}
      <p className="calm">
        {about.known && `${about.known} `}
        Read up in <cite className="data">{about.source.label}</cite>.
      </p>
    </div>
  );
}

/** Both sockets below each other, for where there is no room to say it beside them. */
export function StatesPanel({ talk }: { talk: Dialogue }) {
  useFrames(talk);
  return (
    <section
      className="states"
      aria-label="Both sockets"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      data-region-focus=""
    >
      {socketViews(talk.conversation?.state ?? null).map((socket) => (
        <Socket key={socket.side} socket={socket} live={talk.replay === null} />
      ))}
      <section className="states-socket" aria-label="How to read the wire">
        <h2>How to read the wire</h2>
        <Legend />
      </section>
    </section>
  );
}

function Socket({ socket, live }: { socket: SocketView; live: boolean }) {
  const left = useTimeWait(socket.kernel, live);
  const figures =
    left === null ? socket.figures : [...socket.figures, { name: "Ends in", value: `${left} s` }];
  return (
    <section className="states-socket" aria-label={socket.name}>
      <div className="states-head">
        <h2>{socket.name}</h2>
        <span className="data">
          <StateChip state={socket.state} />
        </span>
      </div>
      {figures.length > 0 && (
        <dl className="states-figures">
          {figures.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="data">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {socket.about ? (
        <About about={socket.about} untitled />
      ) : (
        <p className="about">There is no socket here, or it is not visible from here.</p>
      )}
    </section>
  );
}
