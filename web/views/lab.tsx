/** The lab of a connection: how it sends, whether it reads, files, and the three ways to end it. */
import type { Transport } from "../../shared/address.ts";
import type { LabOptions } from "../../shared/conversation.ts";
import { hasTcpStates, initialState } from "../../shared/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { told } from "../model/lab-words.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { LabFiles } from "./lab-files.tsx";
import { NumberField, Pair, Row } from "./lab-parts.tsx";
import { LabTyping } from "./lab-typing.tsx";
import { useFrames, useValue } from "./use-store.ts";

export interface LabProps {
  talk: Dialogue;
  pane: TerminalPane | null;
  /** Absent where the lab has a place of its own, as on a phone. */
  shut?: () => void;
}

export default function LabPanel({ talk, pane, shut }: LabProps) {
  useFrames(talk);
  useFrames(talk.lab);
  const closed = whyClosed(talk);
  return (
    <section
      className="lab"
      aria-label="Lab"
      data-region="lab"
      onKeyDown={(event) => {
        if (event.key === "Escape") shut?.();
      }}
    >
      <LabHead talk={talk} shut={shut} />
      <div className="lab-rows">
        <h3 className="label">The connection</h3>
        {closed && (
          <p className="lab-closed" role="note">
            {closed}
          </p>
        )}
        <Sending talk={talk} disabled={closed !== null} />
        <Reading talk={talk} disabled={closed !== null} />
        <h3 className="label">Files</h3>
        <LabFiles talk={talk} pane={pane} />
        <h3 className="label">The end</h3>
        <Ends talk={talk} pane={pane} disabled={closed !== null} />
        <LabTyping talk={talk} pane={pane} />
      </div>
    </section>
  );
}

/** Why the controls of the connection cannot be used; null when they can. */
function whyClosed(talk: Dialogue): string | null {
  if (talk.replay) return "This is a recording. Leave it to change the connection.";
  const phase = talk.live?.state.phase;
  if (phase === "open") return null;
  if (phase === "opening") return "Not connected yet: there is no socket to change.";
  return "There is no connection. Each new socket begins with its kernel's defaults.";
}

function LabHead({ talk, shut }: { talk: Dialogue; shut: (() => void) | undefined }) {
  return (
    <div className="lab-head">
      <h2 className="label">Lab</h2>
      <button type="button" className="button quiet" onClick={() => toDefaults(talk)}>
        Back to defaults
      </button>
      {shut && (
        <button type="button" className="lab-shut" aria-label="Shut the lab" onClick={shut}>
          <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
            <path d="M3 3l12 12M15 3L3 15" stroke="currentColor" strokeWidth="2" />
          </svg>
        </button>
      )}
    </div>
  );
}

function toDefaults(talk: Dialogue): void {
  talk.lab.choose({ pieceBytes: null, typing: "line", echo: true, form: "text" });
  // Behind a recording is a connection that it is not about.
  if (!talk.replay) talk.configure(initialState.options);
}

/** What carries the bytes; TCP's before there are any. */
const transportOf = (talk: Dialogue): Transport => talk.conversation?.state.transport ?? "tcp";

/** Lab controls as they are, or will be once the gateway has done what it was asked for. */
function useOptions(talk: Dialogue): { now: LabOptions; asked: Partial<LabOptions> } {
  const state = talk.conversation?.state ?? null;
  return { now: state?.options ?? initialState.options, asked: talk.lab.pending(state) };
}

function Sending({ talk, disabled }: { talk: Dialogue; disabled: boolean }) {
  const { now, asked } = useOptions(talk);
  const { pieceBytes } = useValue(talk.lab, () => talk.lab.choices);
  const transport = transportOf(talk);
  const isTcp = hasTcpStates({ transport });
  return (
    <>
      <Row {...told[transport].pieces}>
        {(about) => (
          <NumberField
            field="pieces"
            label="In pieces of"
            unit="bytes"
            value={pieceBytes}
            placeholder="whole"
            isEntry
            describedBy={about}
            commit={(value) => talk.lab.choose({ pieceBytes: value })}
          />
        )}
      </Row>
      <Row
        about="Between two sends the gateway waits this long at least."
        man="nanosleep(2)"
        pending={asked.pauseMs !== undefined}
      >
        {(about) => (
          <NumberField
            field="pause"
            label="Pause"
            unit="ms"
            value={asked.pauseMs ?? now.pauseMs}
            disabled={disabled}
            describedBy={about}
            commit={(value) => talk.configure({ pauseMs: value ?? 0 })}
          />
        )}
      </Row>
      <Row
        about="Each send waits this long at the gateway, as on a longer way."
        man="tc-netem(8)"
        pending={asked.delayMs !== undefined}
      >
        {(about) => (
          <NumberField
            field="delay"
            label="Delay"
            unit="ms"
            value={asked.delayMs ?? now.delayMs}
            disabled={disabled}
            describedBy={about}
            commit={(value) => talk.configure({ delayMs: value ?? 0 })}
          />
        )}
      </Row>
      {/* Only TCP gathers small pieces. */}
      {isTcp && (
        <Row
          about="On, a small piece waits until the one before is acknowledged, and they go out together."
          man="tcp(7), TCP_NODELAY"
          pending={asked.noDelay !== undefined}
        >
          {(about) => (
            <Pair
              legend="Nagle"
              options={onOff}
              chosen={now.noDelay ? "off" : "on"}
              choose={(value) => talk.configure({ noDelay: value === "off" })}
              disabled={disabled}
              describedBy={about}
            />
          )}
        </Row>
      )}
    </>
  );
}

const onOff = [
  { value: "on", name: "on" },
  { value: "off", name: "off" },
] as const;

function Reading({ talk, disabled }: { talk: Dialogue; disabled: boolean }) {
  const { now, asked } = useOptions(talk);
  return (
    <Row {...told[transportOf(talk)].reading} pending={asked.reading !== undefined}>
      {(about) => (
        <Pair
          legend="Reading"
          options={reading}
          chosen={now.reading ? "on" : "stopped"}
          choose={(value) => talk.configure({ reading: value === "on" })}
          disabled={disabled}
          describedBy={about}
        />
      )}
    </Row>
  );
}

const reading = [
  { value: "on", name: "on" },
  { value: "stopped", name: "stopped" },
] as const;

interface EndsProps {
  talk: Dialogue;
  pane: TerminalPane | null;
  disabled: boolean;
}

function Ends({ talk, pane, disabled }: EndsProps) {
  const end = () => {
    if (pane) pane.endDirection();
    else talk.shutdown();
  };
  const words = told[transportOf(talk)];
  const waits = talk.taker ? "A file is being sent: stop it first. " : "";
  return (
    <>
      <Row about={`${waits}${words.shutdown.about}`} man={words.shutdown.man}>
        {(about) => (
          <button
            type="button"
            className="button quiet"
            disabled={disabled || !talk.canSend}
            aria-describedby={about}
            onClick={end}
          >
            Shut down
          </button>
        )}
      </Row>
      <Row {...words.close}>
        {(about) => (
          <button
            type="button"
            className="button quiet"
            disabled={disabled}
            aria-describedby={about}
            onClick={() => talk.close()}
          >
            Close
          </button>
        )}
      </Row>
      <Row {...words.reset}>
        {(about) => (
          <button
            type="button"
            className="button quiet"
            disabled={disabled}
            aria-describedby={about}
            onClick={() => talk.reset()}
          >
            Reset
          </button>
        )}
      </Row>
    </>
  );
}
