/** How a teacher's deed goes, in words, and the question before one that cannot be taken back. */
import { type ReactNode, useEffect, useRef } from "react";
import type { DeedStep, Said } from "./use-deed.ts";

/** Always there, so that a screen reader hears what is put into it. */
export function DeedWords({ step }: { step: DeedStep }) {
  const wrong = step.name === "failed";
  return (
    <p className={wrong ? "deed wrong" : "deed"} role="status" data-step={step.name}>
      {step.name === "doing" && "Under way…"}
      {step.name === "done" && wordsOf(step.said)}
      {wrong && step.why}
    </p>
  );
}

const wordsOf = (said: Said): string => (typeof said === "string" ? said : said());

export interface QuestionProps {
  children: ReactNode;
  /** The button that does it. */
  yes: string;
  onYes(): void;
  onNo(): void;
}

/** The focus comes to the button that does it, and goes back to where it was. */
export function Question({ children, yes, onYes, onNo }: QuestionProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    button.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Esc answers no, wherever in it the focus is.
    <div
      className="question"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onNo();
      }}
    >
      <p role="alert">{children}</p>
      <div className="notice-buttons">
        <button type="button" className="button main" ref={button} onClick={onYes}>
          {yes}
        </button>
        <button type="button" className="button" onClick={onNo}>
          No
        </button>
      </div>
    </div>
  );
}
