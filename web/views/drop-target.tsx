/**
 * A recording can be dropped anywhere on the page and is opened; any other file is sent, if that is
 * wanted. Text dropped on the terminal stays a paste.
 */
import { lazy, Suspense, useEffect, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import type { FileQuestionProps } from "./file-question.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { recorderOf } from "./recorder.ts";
import { transfersOf } from "./transfers.ts";
import { useValue } from "./use-store.ts";

const FileQuestion = lazy(() => orNotLoaded<FileQuestionProps>(import("./file-question.tsx")));

const RECORDING = /\.(?:jsonl|ndjson)$/i;

export function DropTarget({ talk, pane }: { talk: Dialogue; pane: TerminalPane | null }) {
  const transfers = transfersOf(talk);
  const asked = useValue(transfers, () => transfers.asked);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      // Without this the browser would show the file instead of the page.
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
    };
    // Leaving an element for another is not leaving the page.
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      openDropped(talk, event.dataTransfer);
    };
    const listeners = [
      ["dragenter", drag],
      ["dragover", drag],
      ["dragleave", leave],
      ["drop", drop],
    ] as const;
    // In the capture phase: the terminal takes every drop on it for a paste.
    for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
    return () => {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
    };
  }, [talk]);
  if (asked) {
    return (
      <Suspense fallback={null}>
        <FileQuestion key={asked.name} talk={talk} pane={pane} file={asked} />
      </Suspense>
    );
  }
  if (!over) return null;
  return (
    <div className="drop-target" aria-hidden="true">
      <p className="label">Drop a recording to open it, any other file to send it</p>
    </div>
  );
}

function openDropped(talk: Dialogue, { files, items }: DataTransfer): void {
  const recorder = recorderOf(talk);
  const [file] = files;
  if (files.length > 1) {
    recorder.refuse("One file at a time.", "Drop a single file.");
  } else if (file && items[0]?.webkitGetAsEntry()?.isDirectory) {
    recorder.refuse(`${file.name} is a folder.`, "Drop the file that is in it.");
  } else if (file && RECORDING.test(file.name)) void recorder.open(file);
  else if (file) transfersOf(talk).ask(file);
}
