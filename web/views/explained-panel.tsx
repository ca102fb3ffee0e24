/** The explanation of a failure: what happened, in plain words, what to try, and the plan of the office. */
import type { Explanation } from "../../shared/errors.ts";
import type { Conversation } from "../model/conversation.ts";
import { type Fix, fixes, type Remedy } from "../model/fixes.ts";
import { offered } from "../model/in-class.ts";
import { lessonFigures, lessonHeadline } from "../model/lesson.ts";
import { officePlan } from "../model/office.ts";
import { isOver } from "../model/status.ts";
import type { Talk } from "../model/talk.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { Contrast, hasContrast } from "./contrast.tsx";
import { Office } from "./office.tsx";

export interface ExplainedPanelProps {
  talk: Talk;
  pane: TerminalPane | null;
  conversation: Conversation;
  failure: Explanation;
  hide(): void;
}

export function ExplainedPanel(props: ExplainedPanelProps) {
  const { talk, conversation, failure, hide } = props;
  // Who listens now did not listen when this was recorded, as far as anybody knows.
  const servers = talk.replay ? [] : offered(talk.carrier.status);
  const plan = officePlan(failure.code, conversation.state, servers);
  return (
    <section
      className={plan ? "explained with-plan" : "explained"}
      aria-label="What went wrong"
      data-region="explained"
    >
      <div className="explained-text" role="alert">
        <h2>{headline(conversation, failure)}</h2>
        <p>{sentence(conversation, failure)}</p>
      </div>
      {/* What failed in a recording, or a class, is over: there is nothing to try again. */}
      {!talk.replay && !isOver(talk.carrier.status) && <Fixes {...props} />}
      {plan && (
        <div className="explained-plan">
          <Office plan={plan} />
        </div>
      )}
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

function headline({ state }: Conversation, failure: Explanation): string {
  const target = state.address ?? { host: "", port: 0 };
  const words = failure.headline.replace(/^[\w.]+: /, "").replace(/^\[[^\]]*\] /, "");
  return lessonHeadline(failure.code, target, words);
}

function sentence({ state, events }: Conversation, failure: Explanation): string {
  return `${failure.sentence} ${lessonFigures(failure.code, state, events)}`.trim();
}

function Fixes({ talk, pane, conversation, failure }: ExplainedPanelProps) {
  const { address } = conversation.state;
  const act = (remedy: Remedy) => {
    if (remedy.kind === "edit") return editAddress();
    if (remedy.kind === "again") talk.connect();
    else talk.connect(remedy.address);
    pane?.focus();
  };
  return (
    <ol className="fixes">
      {fixes(failure, address, offered(talk.carrier.status)).map((fix, index) => (
        <li key={fix.title}>
          <FixText fix={fix} />
          <button
            type="button"
            className={index === 0 ? "button main" : "button"}
            onClick={() => act(fix.remedy)}
            data-region-focus={index === 0 ? "" : undefined}
          >
            {fix.button}
          </button>
        </li>
      ))}
    </ol>
  );
}

function FixText({ fix }: { fix: Fix }) {
  return (
    <p className="fix-text">
      <strong>{fix.title}</strong>
      {fix.text !== "" && <span>{` ${fix.text}`}</span>}
      {fix.command && (
        <>
          <span className="unseen">, for example with </span>
          <code className="data">{fix.command}</code>
        </>
      )}
    </p>
  );
}

function editAddress(): void {
  document.querySelector<HTMLInputElement>('[data-region="address"] input')?.select();
}
