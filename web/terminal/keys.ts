/** From what xterm says was typed to what it means here; and which keys stay the browser's. */
import type { Edit } from "../model/line.ts";

export type Key =
  | { do: "insert"; text: string }
  | { do: "edit"; edit: Edit }
  | { do: "enter" | "endOrDelete" | "interrupt" | "clear" | "older" | "newer" }
  | { do: "pageUp" | "pageDown" };

const edit = (name: Edit): Key => ({ do: "edit", edit: name });

/** Control characters and sequences as xterm encodes keys (ctlseqs, "PC-Style Function Keys"). */
const keys: Record<string, Key> = {
  "\r": { do: "enter" },
  "\n": { do: "enter" },
  "\t": { do: "insert", text: "\t" },
  "\x7f": edit("backspace"),
  // Ctrl-Backspace; Ctrl-H is the same byte.
  "\x08": edit("cutWordBack"),
  "\x01": edit("home"),
  "\x02": edit("left"),
  "\x03": { do: "interrupt" },
  "\x04": { do: "endOrDelete" },
  "\x05": edit("end"),
  "\x06": edit("right"),
  "\x0b": edit("cutToEnd"),
  "\x0c": { do: "clear" },
  "\x0e": { do: "newer" },
  "\x10": { do: "older" },
  "\x15": edit("cutToStart"),
  "\x17": edit("cutRunBack"),
  "\x19": edit("yank"),
  "\x1b\x7f": edit("cutWordBack"),
  "\x1bb": edit("wordLeft"),
  "\x1bf": edit("wordRight"),
  "\x1bd": edit("cutWordForward"),
  "\x1b[A": { do: "older" },
  "\x1b[B": { do: "newer" },
  "\x1b[C": edit("right"),
  "\x1b[D": edit("left"),
  "\x1b[H": edit("home"),
  "\x1b[F": edit("end"),
  "\x1b[3~": edit("delete"),
  "\x1b[3;3~": edit("cutWordForward"),
  "\x1b[3;5~": edit("cutWordForward"),
  "\x1b[5~": { do: "pageUp" },
  "\x1b[6~": { do: "pageDown" },
  "\x1b[1;2C": edit("right"),
  "\x1b[1;2D": edit("left"),
  "\x1b[1;3C": edit("wordRight"),
  "\x1b[1;3D": edit("wordLeft"),
  "\x1b[1;5C": edit("wordRight"),
  "\x1b[1;5D": edit("wordLeft"),
};

/** One key or one run of text; a control sequence or string (ECMA-48 5.4, 5.6) is one too. */
const TOKEN =
  /\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\x1b?(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[\x20-\x7f])?|[\0-\x1f\x7f]|[^\0-\x1f\x7f]+/g;

/** What a piece of input means, in order; a phone or an input method gives several keys at once. */
export function readKeys(data: string): Key[] {
  const found: Key[] = [];
  for (const [token] of data.matchAll(TOKEN)) {
    const known = keys[token];
    if (known) found.push(known);
    else if (!/^[\0-\x1f\x7f]/.test(token)) found.push({ do: "insert", text: token });
  }
  return found;
}

/**
 * Keys as a keyboard makes them: text, control characters, Alt with a character, arrows and the keys
 * above them. What a terminal would answer by itself when it is asked has other forms.
 */
const KEYBOARD =
  /^(?:[^\0-\x1f\x7f]+|[\0-\x1f\x7f]|\x1b\x1b?(?:\[[ABCDHF]|\[1;[2-8][ABCDHF]|\[[2356](?:;[2-8])?~|O[ABCDHF]|[\x20-\x7f])?)$/;

/** What is sent of a piece of input in raw mode: one string for each key or run of text. */
export function readRawKeys(data: string): string[] {
  return [...data.matchAll(TOKEN)].map(([token]) => token).filter((token) => KEYBOARD.test(token));
}

/** Telnet's way out: leaves raw mode, and goes back to it. */
export const TOGGLE_RAW = "\x1d";

/** What there is of a keyboard event to decide by. */
export type Pressed = Pick<
  KeyboardEvent,
  "key" | "ctrlKey" | "altKey" | "metaKey" | "shiftKey" | "type"
>;

/**
 * True for keys that the terminal leaves to the browser and the page: function keys (F6 goes round
 * the regions), Shift-Tab, copy and paste, reload, zoom, and everything with Command.
 * @param raw every key is sent as it is pressed: only pasting and zoom are left.
 */
export function isBrowsers(key: Pressed, hasSelection: boolean, raw = false): boolean {
  if (/^F\d+$/.test(key.key) || key.metaKey) return true;
  if (key.key === "Tab" && (key.shiftKey || key.ctrlKey)) return true;
  if (key.key === "Insert") return true;
  if (!key.ctrlKey || key.altKey) return false;
  const letter = key.key.toLowerCase();
  if (letter === "c") return hasSelection || key.shiftKey;
  if (key.shiftKey) return /^[a-z]$/.test(letter);
  // In raw mode what has a control character is sent; some of it no browser gives away.
  if (raw) return /^[v0=+-]$/.test(letter);
  return /^[vrxtnjozsq0+=-]$/.test(letter);
}
