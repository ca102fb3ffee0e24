/** The top of Serve: how to reach this page, the wires that lead to it, and where it listens. */
import { type FormEvent, useEffect, useId, useState } from "react";
import { parseAddress } from "../../shared/address.ts";
import { type Invitation, invitations, reachableAt } from "../model/invite.ts";
import type { Serve } from "../model/serve.ts";
import { isOver } from "../model/status.ts";
import { toClipboard } from "./clipboard.ts";
import { Fan } from "./serve-fan.tsx";
import { useFrames, useValue } from "./use-store.ts";

export function ServeBar({ serve }: { serve: Serve }) {
  useFrames(serve);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!isOver(serve.carrier.status)) serve.listen();
  };
  return (
    <form className="serve-bar" aria-label="Listen" data-region="address" onSubmit={onSubmit}>
      <Invite serve={serve} />
      <Fan accepted={serve.counts.open} waiting={serve.door.waiting.length} isUdp={serve.isUdp} />
      <div className="listen">
        <h2 className="label">You, the server</h2>
        <div className="listen-row">
          <ListenField serve={serve} />
          <ListenButton serve={serve} />
        </div>
      </div>
    </form>
  );
}

function ListenField({ serve }: { serve: Serve }) {
  const text = useValue(serve, () => serve.addressText);
  const busy = useValue(serve, () => serve.isBusy);
  const note = useId();
  const parsed = parseAddress(text, "listen");
  return (
    <div className="listen-field">
      <label className={parsed.ok ? "listen-frame" : "listen-frame bad"}>
        <span className="data">listen</span>
        <input
          className="data"
          type="text"
          value={text}
          onChange={(event) => {
            serve.addressText = event.target.value;
          }}
          readOnly={busy}
          aria-label="Address to listen on"
          aria-invalid={!parsed.ok}
          aria-describedby={parsed.ok ? undefined : note}
          data-region-focus=""
          inputMode="url"
          enterKeyHint="go"
          autoCapitalize="none"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
        />
      </label>
      {!parsed.ok && (
        <p id={note} className="address-note wrong">
          {parsed.problem}
        </p>
      )}
    </div>
  );
}

function ListenButton({ serve }: { serve: Serve }) {
  const over = useValue(serve.carrier, () => isOver(serve.carrier.status));
  switch (serve.phase) {
    case "asking":
      return (
        <button type="button" className="button" onClick={() => serve.stop()}>
          Cancel
        </button>
      );
    case "listening":
      return (
        <button type="button" className="button" onClick={() => serve.stop()}>
          Stop listening
        </button>
      );
    case "ending":
      return (
        // Not disabled, which would lose the focus on its way from Stop to Listen.
        <button type="button" className="button" aria-disabled="true">
          Stopping…
        </button>
      );
    default:
      if (over) return null;
      return (
        <button type="submit" className="button main">
          Listen
        </button>
      );
  }
}

function Invite({ serve }: { serve: Serve }) {
  const { local, carrier } = serve;
  if (!local) {
    return (
      <div className="invite">
        <h2 className="label">Connect to me</h2>
        {!isOver(carrier.status) && (
          <p className="about">Once you listen, commands that reach you stand here.</p>
        )}
      </div>
    );
  }
  const at = reachableAt(local, carrier.status.serving, window.location.hostname);
  const page = window.location.href.replace(/#.*$/, "");
  return (
    <div className="invite">
      <h2 className="label">Connect to me</h2>
      <ul className="commands">
        {invitations(at, page, serve.isUdp ? "udp" : "tcp").map((each) => (
          <Command key={each.name} invitation={each} />
        ))}
      </ul>
    </div>
  );
}

/** How long it says that it was copied, in milliseconds. */
const SAID_MS = 2_000;

function Command({ invitation }: { invitation: Invitation }) {
  const { name, text } = invitation;
  const [said, setSaid] = useState<"" | "copied" | "not copied">("");
  useEffect(() => {
    if (said === "") return undefined;
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await toClipboard(text)) ? "copied" : "not copied");
  return (
    <li className="command">
      <code className="data" title={text}>
        {text}
      </code>
      <button
        type="button"
        aria-label={`${said || "copy"} the command for ${name}`}
        onClick={() => void copy()}
      >
        {said || "copy"}
      </button>
      <span className="unseen" role="status">
        {said && `${text} ${said}`}
      </span>
    </li>
  );
}
