/** A recording can be dropped anywhere on the page; text dropped on the terminal stays a paste. */
import { useEffect, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { recorderOf } from "./recorder.ts";

export function DropTarget({ talk }: { talk: Dialogue }) {
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
  if (!over) return null;
  return (
    <div className="drop-target" aria-hidden="true">
      <p className="label">Drop the recording to open it</p>
    </div>
  );
}

function openDropped(talk: Dialogue, { files, items }: DataTransfer): void {
  const recorder = recorderOf(talk);
  const [file] = files;
  if (files.length > 1) {
    recorder.refuse("One recording at a time.", "Drop a single file.");
  } else if (file && items[0]?.webkitGetAsEntry()?.isDirectory) {
    recorder.refuse(`${file.name} is a folder.`, "Drop the recording that is in it.");
  } else if (file) void recorder.open(file);
}
