/** What the line being typed will be as bytes, where it is more than its text; or what is wrong with it. */
import type { Dialogue } from "../model/dialogue.ts";
import { bytes } from "../model/format.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { useValue } from "./use-store.ts";

/** Bytes shown; they fit a row nearly always. */
const SHOWN_BYTES = 32;

const empty = {
  escapes: "Escapes: \\x00, \\n, \\r, \\t, \\\\ and \\u00e9 in a line become bytes.",
  hex: "Hex: pairs of digits become bytes, as in 48 65 6c 6c 6f.",
} as const;

export function LinePreview({ talk, pane }: { talk: Dialogue; pane: TerminalPane }) {
  const { form, typing } = useValue(talk.lab, () => talk.lab.choices);
  const line = useValue(pane, () => pane.line);
  if (form === "text" || typing === "raw" || talk.replay) return null;
  if (line === "") return <p className="line-preview about">{empty[form]}</p>;
  const read = talk.readLine(line);
  if (!read.ok) return <p className="line-preview wrong">{read.problem}</p>;
  const pairs = Array.from(read.bytes.subarray(0, SHOWN_BYTES), hex).join(" ");
  const more = read.bytes.length > SHOWN_BYTES ? " …" : "";
  return (
    <p className="line-preview">
      {`${bytes(read.bytes.length)}: `}
      <span className="data out">{pairs + more}</span>
    </p>
  );
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");
