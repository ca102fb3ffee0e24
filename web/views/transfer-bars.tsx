/** Files on their way, below the terminal: how far they are, how fast, and a way to stop. */
import { useEffect } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { progressWords } from "../model/transfer.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { type Transfer, transfersOf } from "./transfers.ts";
import { useFrames } from "./use-store.ts";

export interface TransferBarsProps {
  talk: Dialogue;
  pane: TerminalPane | null;
}

export function TransferBars({ talk, pane }: TransferBarsProps) {
  const transfers = transfersOf(talk);
  useFrames(transfers);
  const { sending, saving } = transfers;
  useLeaveQuestion(sending !== null || saving !== null);
  return (
    <>
      {sending && (
        <Bar
          transfer={sending}
          stop={() => {
            talk.stopSending();
            pane?.focus();
          }}
        />
      )}
      {saving && (
        <Bar
          transfer={saving}
          stop={() => {
            saving.stop();
            pane?.focus();
          }}
        />
      )}
    </>
  );
}

function Bar({ transfer, stop }: { transfer: Transfer; stop(): void }) {
  const { kind, name, progress } = transfer;
  const verb = kind === "sending" ? "Sending" : "Saving";
  const known = progress.total ? { max: progress.total, value: progress.done } : {};
  return (
    <section className={`long-send transfer transfer-${kind}`} aria-label={`${verb} ${name}`}>
      <p className="transfer-name">
        {`${verb} `}
        <span className="data">{name}</span>
      </p>
      <progress {...known} aria-label={`${verb} ${name}`} />
      <p className="transfer-words data">
        {progressWords(progress).map((words) => (
          <span key={words.split(/[\d. ,]/).at(-1)}>{words}</span>
        ))}
      </p>
      <button
        type="button"
        className="button"
        aria-label={`Stop ${verb.toLowerCase()} ${name}`}
        onClick={stop}
      >
        Stop
      </button>
    </section>
  );
}

/** Leaving the page would break off what is going on. */
function useLeaveQuestion(busy: boolean): void {
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [busy]);
}
