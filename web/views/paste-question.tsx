/** A paste of several lines, or a large one, asks before anything is sent. */
import { useEffect, useRef } from "react";
import { bytes, count } from "../model/format.ts";
import type { PasteQuestion, TerminalPane } from "../terminal/terminal.ts";
import { useValue } from "./use-store.ts";

export function PasteQuestionPanel({ pane }: { pane: TerminalPane }) {
  const question = useValue(pane, () => pane.question);
  return question && <Asked key={question.bytes} question={question} pane={pane} />;
}

function Asked({ question, pane }: { question: PasteQuestion; pane: TerminalPane }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const send = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    send.current?.focus();
  }, []);
  const answer = (choice: "send" | "cancel") => {
    dialog.current?.close();
    pane.answer(choice);
    pane.focus();
  };
  const what =
    question.lines > 1
      ? `Send ${count(question.lines, "line")}, one after the other?`
      : "Send all of this?";
  return (
    <dialog
      ref={dialog}
      className="paste"
      aria-labelledby="paste-title"
      onCancel={(event) => {
        event.preventDefault();
        answer("cancel");
      }}
    >
      <h2 id="paste-title" className="label">
        {what}
      </h2>
      <p className="about">{`Pasted text, ${bytes(question.bytes)}.`}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling preview must be reachable by keyboard. */}
      <pre className="data" tabIndex={0}>
        {question.preview}
      </pre>
      <div className="paste-buttons">
        <button ref={send} type="button" className="button main" onClick={() => answer("send")}>
          Send
        </button>
        <button type="button" className="button" onClick={() => answer("cancel")}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}
