/** The conversation as a Python program: to read, to copy, to keep. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { Recorder } from "./recorder.ts";
import { pythonOf } from "./recording-work.ts";

export interface CodePanelProps {
  talk: Dialogue;
  recorder: Recorder;
}

export default function CodePanel({ talk, recorder }: CodePanelProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const code = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState("");
  const program = useMemo(() => pythonOf(talk), [talk]);
  useEffect(() => {
    const element = dialog.current;
    // The menu that asked for this is gone: its button is where the focus goes back to.
    const before = document.querySelector<HTMLElement>(".record-button");
    element?.showModal();
    return () => {
      element?.close();
      before?.focus();
    };
  }, []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(program);
      setSaid("Copied.");
    } catch {
      // Browsers copy by themselves only on pages they trust.
      if (code.current) getSelection()?.selectAllChildren(code.current);
      setSaid("Press Ctrl-C to copy what is selected.");
    }
  };
  return (
    <dialog
      ref={dialog}
      className="code-panel"
      aria-labelledby="code-title"
      onClose={() => recorder.showCode(false)}
    >
      <h2 className="label" id="code-title">
        The same conversation in Python
      </h2>
      <section
        className="code-text"
        aria-label="Program"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        <pre className="data" ref={code}>
          {program}
        </pre>
      </section>
      <div className="code-buttons">
        <button type="button" className="button main" onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" className="button" onClick={() => void recorder.save("py")}>
          Download .py
        </button>
        <p role="status">{said}</p>
        <button type="button" className="button quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
