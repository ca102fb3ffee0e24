/** A file that was dropped on the page asks before anything of it is sent. */
import { useEffect, useRef } from "react";
import { formatEndpoint } from "../../shared/address.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { bytes } from "../model/format.ts";
import { visibleText } from "../model/visible.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { transfersOf } from "./transfers.ts";
import { useFrames } from "./use-store.ts";

export interface FileQuestionProps {
  talk: Dialogue;
  pane: TerminalPane | null;
  file: File;
}

export default function FileQuestion({ talk, pane, file }: FileQuestionProps) {
  useFrames(talk);
  const dialog = useRef<HTMLDialogElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    first.current?.focus();
  }, []);
  const answer = (send: boolean) => {
    dialog.current?.close();
    const transfers = transfersOf(talk);
    transfers.ask(null);
    pane?.focus();
    if (send) void transfers.send(file, pane);
  };
  const remote = talk.live?.state.remote;
  const whom = remote ? formatEndpoint(remote) : "the other end";
  return (
    <dialog
      ref={dialog}
      className="paste"
      aria-labelledby="file-title"
      onCancel={(event) => {
        event.preventDefault();
        answer(false);
      }}
    >
      <h2 id="file-title" className="label">
        {talk.canSend ? `Send it to ${whom}?` : "It cannot be sent now."}
      </h2>
      <p className="about">
        <span className="data">{visibleText(file.name)}</span>
        {`, ${bytes(file.size)}, byte for byte. `}
        {!talk.canSend && "There is no connection that takes it. "}
        Only a recording (.jsonl) is opened here.
      </p>
      <div className="paste-buttons">
        {talk.canSend && (
          <button ref={first} type="button" className="button main" onClick={() => answer(true)}>
            Send
          </button>
        )}
        <button
          ref={talk.canSend ? null : first}
          type="button"
          className="button"
          onClick={() => answer(false)}
        >
          Cancel
        </button>
      </div>
    </dialog>
  );
}
