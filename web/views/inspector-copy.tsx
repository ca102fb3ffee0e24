/** Copies the bytes that are shown: as hex, as text, or as Python writes them. */
import { useEffect, useRef, useState } from "react";
import { type CopyFormat, copied, MOST_COPIED_BYTES } from "../model/bytes-copy.ts";
import type { Conversation } from "../model/conversation.ts";
import { bytes, count } from "../model/format.ts";
import type { ByteRange } from "../model/selection.ts";
import { toClipboard } from "./clipboard.ts";

/** Milliseconds of work before the page gets its turn. */
const SLICE_MS = 8;

const formats: { format: CopyFormat; name: string; said: string }[] = [
  { format: "hex", name: "Hex", said: "as hex" },
  { format: "text", name: "Text", said: "as text" },
  { format: "python", name: "Python", said: "as a Python bytes literal" },
];

export function InspectorCopy({
  conversation,
  range,
}: {
  conversation: Conversation;
  range: ByteRange;
}) {
  const [said, setSaid] = useState("");
  const latest = useRef(0);
  const { direction, start, end } = range;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said is about other bytes.
  useEffect(() => setSaid(""), [direction, start, end]);
  const copy = async (format: CopyFormat, how: string) => {
    const turn = ++latest.current;
    const say = (text: string) => latest.current === turn && setSaid(text);
    if (end - start > MOST_COPIED_BYTES) {
      say(`These are ${bytes(end - start)}; at most ${bytes(MOST_COPIED_BYTES)} can be copied.`);
      return;
    }
    const kept = conversation.bytes(direction, start, end);
    say("Copying…");
    const done = await toClipboard(await inSlices(copied(kept, format)));
    const some = kept.length < end - start ? `the first ${count(kept.length, "byte")} ` : "";
    const all = `${count(kept.length, "byte")} `;
    say(done ? `Copied ${some || all}${how}.` : "The browser did not let the page copy.");
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend and a look of its own.
    <div className="bytes-copy" role="group" aria-label="Copy">
      <span className="bytes-tool-name" aria-hidden="true">
        Copy
      </span>
      <div className="switch">
        {formats.map(({ format, name, said: how }) => (
          <button
            key={format}
            type="button"
            aria-label={`Copy ${how}`}
            onClick={() => void copy(format, how)}
          >
            {name}
          </button>
        ))}
      </div>
      <span className="bytes-said" role="status">
        {said}
      </span>
    </div>
  );
}

/** The parts as one text; the page has its turn in between. */
async function inSlices(parts: Iterable<string>): Promise<string> {
  const done: string[] = [];
  let until = performance.now() + SLICE_MS;
  for (const part of parts) {
    done.push(part);
    if (performance.now() < until) continue;
    await new Promise((resolve) => setTimeout(resolve));
    until = performance.now() + SLICE_MS;
  }
  return done.join("");
}
