/** Rises when something failed: what happened, in plain words, and what to try, as buttons. */
import { useState } from "react";
import { parseAddress } from "../../shared/address.ts";
import type { Explanation } from "../../shared/errors.ts";
import type { Conversation } from "../model/conversation.ts";
import { lessonHeadline } from "../model/lesson.ts";
import type { Talk } from "../model/talk.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { Contrast, hasContrast } from "./contrast.tsx";
import { serverName } from "./servers-menu.tsx";
import { useFrames } from "./use-store.ts";

export interface ExplainedProps {
  talk: Talk;
  pane: TerminalPane | null;
}

export function Explained({ talk, pane }: ExplainedProps) {
  useFrames(talk);
  useFrames(talk.carrier);
  const [hidden, setHidden] = useState<Conversation | null>(null);
  const failure = talk.failure;
  if (!failure || !talk.conversation || talk.conversation === hidden) return null;
  const hide = () => {
    setHidden(talk.conversation);
    pane?.focus();
  };
  return (
    <section className="explained" aria-label="What went wrong">
      <div className="explained-text" role="alert">
        <h2>{headline(talk, failure)}</h2>
        <p>{failure.sentence}</p>
      </div>
      <Fixes talk={talk} pane={pane} failure={failure} />
      <div className="explained-foot">
        {failure.errno && <span className="data wrong">{failure.errno}</span>}
        {hasContrast(failure.code) && <Contrast code={failure.code} />}
        <button type="button" className="button quiet" onClick={hide}>
          Hide
        </button>
      </div>
    </section>
  );
}

function headline(talk: Talk, failure: Explanation): string {
  const target = talk.conversation?.state.address ?? { host: "", port: 0 };
  const words = failure.headline.replace(/^[\w.]+: /, "").replace(/^\[[^\]]*\] /, "");
  return lessonHeadline(failure.code, target, words);
}

interface FixesProps extends ExplainedProps {
  failure: Explanation;
}

function Fixes({ talk, pane, failure }: FixesProps) {
  const connect = (address?: string) => {
    if (address === undefined) talk.connect();
    else talk.connect(address);
    pane?.focus();
  };
  const retryAt = ofTheAddress.has(failure.code)
    ? 0
    : Math.max(
        0,
        failure.hints.findIndex((hint) => /\bagain\b/i.test(hint)),
      );
  const elsewhere = talk.carrier.status.servers.filter(
    (server) => !isAddressed(talk, server.address),
  );
  return (
    <ol className="fixes">
      {failure.hints.map((hint, index) => (
        <li key={hint}>
          <span className="fix-text">{hint}</span>
          {index === retryAt && <RetryButton failure={failure} retry={() => connect()} />}
        </li>
      ))}
      {elsewhere.slice(0, 1).map((server) => (
        <li key={server.address}>
          <span className="fix-text">{`Or talk to ${serverName(server.name)}.`}</span>
          <button type="button" className="button" onClick={() => connect(server.address)}>
            {`Connect to ${short(server.address)}`}
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Failures of the address itself: the same again would only fail again. */
const ofTheAddress: ReadonlySet<string> = new Set(["BAD_ADDRESS", "NOT_ALLOWED", "ENOTFOUND"]);

function RetryButton({ failure, retry }: { failure: Explanation; retry(): void }) {
  if (!ofTheAddress.has(failure.code)) {
    return (
      <button type="button" className="button main" onClick={retry}>
        Try again
      </button>
    );
  }
  const edit = () => {
    document.querySelector<HTMLInputElement>('[data-region="address"] input')?.select();
  };
  return (
    <button type="button" className="button main" onClick={edit}>
      Change the address
    </button>
  );
}

function isAddressed(talk: Talk, address: string): boolean {
  const parsed = parseAddress(address);
  const target = talk.conversation?.state.address;
  return parsed.ok && parsed.address.host === target?.host && parsed.address.port === target.port;
}

/** `8000` for a server on the gateway's own machine, else the whole address. */
function short(address: string): string {
  const parsed = parseAddress(address);
  return parsed.ok && parsed.address.host === "127.0.0.1" ? String(parsed.address.port) : address;
}
