/** The address bar, which is the wire: your end, two strands, the address, and one button. */

import { type FormEvent, useId, useState } from "react";
import { formatEndpoint, parseAddress } from "../../shared/address.ts";
import type { ConversationState, Role } from "../../shared/conversation.ts";
import { offered } from "../model/in-class.ts";
import { isOver } from "../model/status.ts";
import type { Talk } from "../model/talk.ts";
import { ownSocket, type WireView, wireView } from "../model/wire.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import type { Gateway } from "./gateway.ts";
import { ServersMenu } from "./servers-menu.tsx";
import { useFrames, useValue } from "./use-store.ts";
import { Wire } from "./wire.tsx";

export interface AddressBarProps {
  talk: Talk;
  gateway: Gateway;
  pane: TerminalPane | null;
}

export function AddressBar({ talk, gateway, pane }: AddressBarProps) {
  useFrames(talk);
  const state = talk.conversation?.state ?? null;
  const view = wireView(state);
  const over = isOver(gateway.status);
  const client = state?.role === "server" ? state.remote : state?.local;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (talk.busy || over) return;
    talk.connect();
    pane?.focus();
  };
  return (
    <form className="bar" aria-label="Address" data-region="address" onSubmit={onSubmit}>
      <div className="you">
        <span className="label">{leftEnd[state?.role ?? "client"]}</span>
        <span className="data you-address">
          {client ? formatEndpoint(client) : <span className="calm">{unbound(state)}</span>}
        </span>
      </div>
      <Wire view={view} state={state} />
      <AddressField talk={talk} gateway={gateway} pane={pane} wrong={view.trouble !== null} />
      {(!over || talk.replay) && <ConnectButton talk={talk} view={view} pane={pane} />}
    </form>
  );
}

/** The client is at the left, whoever that was: a recording may be of a page that was the server. */
const leftEnd: Record<Role, string> = { client: "You, the client", server: "The client" };

/** What to say of this end while it has no address. */
function unbound(state: ConversationState | null): string {
  const socket = ownSocket(state);
  if (socket === null) return state?.phase === "opening" ? "opening" : "no socket";
  return socket === "CLOSED" ? "closed" : "connecting";
}

interface ButtonProps {
  talk: Talk;
  view: WireView;
  pane: TerminalPane | null;
}

function ConnectButton({ talk, view, pane }: ButtonProps) {
  const act = () => {
    if (talk.replay) talk.leave();
    else if (talk.busy) talk.close();
    else talk.connect();
    pane?.focus();
  };
  return (
    <button
      type="button"
      className={`button main connect while-${view.shape}`}
      aria-label={talk.replay ? "Leave the recording" : undefined}
      onClick={act}
    >
      {talk.replay ? <LeaveFace /> : view.button}
    </button>
  );
}

/** Where there is less room, the word alone; what is meant is still said. */
function LeaveFace() {
  return (
    <span>
      Leave
      <span className="recording"> the recording</span>
    </span>
  );
}

const closeFirst = "Close the connection to change the address.";
const leaveFirst = "Leave the recording to change the address.";

function AddressField({ talk, gateway, pane, wrong }: AddressBarProps & { wrong: boolean }) {
  const text = useValue(talk, () => talk.addressText);
  const busy = useValue(talk, () => talk.busy);
  const [focused, setFocused] = useState(false);
  const noteId = useId();
  const parsed = parseAddress(text);
  const problem = parsed.ok ? null : parsed.problem;
  const servers = offered(gateway.status);
  const over = isOver(gateway.status);
  // A menu with nothing but what already stands in the field would only take its room.
  const elsewhere = servers.some((server) => server.address !== text);
  const note = problem ?? (busy && focused ? (talk.replay ? leaveFirst : closeFirst) : null);
  const choose = (address: string) => {
    talk.connect(address);
    pane?.focus();
  };
  return (
    <div className="address">
      <div className={wrong || problem ? "address-frame bad" : "address-frame"}>
        <div className="address-text">
          <input
            className="data"
            type="text"
            value={text}
            onChange={(event) => {
              talk.addressText = event.target.value;
            }}
            onFocus={() => setFocused(true)}
            onBlur={() => setFocused(false)}
            readOnly={busy}
            aria-label="Address of the server"
            aria-invalid={problem !== null}
            aria-describedby={note ? noteId : undefined}
            data-region-focus=""
            inputMode="url"
            enterKeyHint="go"
            autoCapitalize="none"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
          />
          {!focused && <Inked text={text} />}
        </div>
        {elsewhere && !busy && !over && <ServersMenu servers={servers} choose={choose} />}
      </div>
      {note && (
        <p id={noteId} className={problem ? "address-note wrong" : "address-note"}>
          {note}
        </p>
      )}
    </div>
  );
}

/** The address again, drawn over the field while nobody types there, with its scheme in a softer ink. */
function Inked({ text }: { text: string }) {
  const scheme = /^(?:[a-z0-9]+:\/\/|unix:)/i.exec(text)?.[0] ?? "";
  return (
    <span className="address-ink data" aria-hidden="true">
      <span className="scheme">{scheme}</span>
      {text.slice(scheme.length)}
    </span>
  );
}
