/** A typed line as bytes: as UTF-8, with escapes as Python writes them, or as pairs of hex digits. */

/** How a line is read. */
export type LineForm = "text" | "escapes" | "hex";

export type ReadLine =
  | { ok: true; bytes: Uint8Array }
  /** `at`: UTF-16 index of what is wrong; `problem`: a sentence for whoever typed it. */
  | { ok: false; at: number; problem: string };

const encoder = new TextEncoder();

export function readLine(line: string, form: LineForm): ReadLine {
  if (form === "hex") return readHex(line);
  if (form === "escapes") return readEscapes(line);
  return { ok: true, bytes: encoder.encode(line) };
}

/** Escapes of one letter, as in Python's bytes literals (Language Reference 2.4.1). */
const letters: Record<string, number> = {
  "\\": 0x5c,
  "'": 0x27,
  '"': 0x22,
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

/** Escapes with digits: what must follow the backslash, and what to say when it does not. */
const digits = [
  { letter: "x", form: /x([0-9a-f]{2})/iy, needs: "two hexadecimal digits, as in \\x0a" },
  { letter: "u", form: /u(?:([0-9a-f]{4})|\{([0-9a-f]{1,6})\})/iy, needs: "four, as in \\u00e9" },
  { letter: "U", form: /U([0-9a-f]{8})/iy, needs: "eight, as in \\U0001f600" },
] as const;

const OCTAL = /[0-7]{1,3}/y;
const HIGHEST_CHARACTER = 0x10ffff;

/**
 * Text with escapes as bytes. `\x..` and octal are one byte each; `\u....` is a character, and as
 * such sent in UTF-8.
 */
export function readEscapes(line: string): ReadLine {
  const bytes: number[] = [];
  for (let at = 0; at < line.length; ) {
    const backslash = line.indexOf("\\", at);
    const end = backslash < 0 ? line.length : backslash;
    for (const byte of encoder.encode(line.slice(at, end))) bytes.push(byte);
    if (backslash < 0) break;
    const read = escapeAt(line, backslash);
    if ("problem" in read) return { ok: false, at: backslash, problem: read.problem };
    for (const byte of read.bytes) bytes.push(byte);
    at = read.end;
  }
  return { ok: true, bytes: Uint8Array.from(bytes) };
}

type Escape = { bytes: Uint8Array | number[]; end: number } | { problem: string };

function escapeAt(line: string, at: number): Escape {
  const letter = line.charAt(at + 1);
  const known = letters[letter];
  if (known !== undefined) return { bytes: [known], end: at + 2 };
  const octal = matchAt(OCTAL, line, at + 1);
  if (octal) {
    const value = Number.parseInt(octal[0], 8);
    const end = at + 1 + octal[0].length;
    if (value <= 0xff) return { bytes: [value], end };
    return { problem: `\\${octal[0]} is more than one byte holds: the highest is \\377.` };
  }
  const kind = digits.find((each) => each.letter === letter);
  if (kind) return codeAt(line, at, kind);
  if (letter === "") {
    return { problem: "The line ends in a single backslash. Write \\\\ to send one." };
  }
  const shown = String.fromCodePoint(line.codePointAt(at + 1) ?? 0);
  return { problem: `\\${shown} is not an escape. Write \\\\${shown} to send a backslash there.` };
}

function codeAt(line: string, at: number, kind: (typeof digits)[number]): Escape {
  const found = matchAt(kind.form, line, at + 1);
  if (!found) return { problem: `\\${kind.letter} needs ${kind.needs}.` };
  const value = Number.parseInt(found[1] ?? found[2] ?? "", 16);
  const end = at + 1 + found[0].length;
  if (kind.letter === "x") return { bytes: [value], end };
  const low = matchAt(/\\u(d[c-f][0-9a-f]{2})/iy, line, end);
  if (value >= 0xd800 && value < 0xdc00 && low) {
    const text = String.fromCharCode(value, Number.parseInt(low[1] ?? "", 16));
    return { bytes: encoder.encode(text), end: end + low[0].length };
  }
  if (value >= 0xd800 && value < 0xe000) {
    return { problem: `\\${found[0]} is half of a character: UTF-8 has no bytes for it.` };
  }
  if (value > HIGHEST_CHARACTER) return { problem: `\\${found[0]} is beyond Unicode's last.` };
  return { bytes: encoder.encode(String.fromCodePoint(value)), end };
}

function matchAt(form: RegExp, line: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(line);
}

/** `48 65 6c`, `48656c`, `0x48, 0x65`: what programs print, with whatever they put between. */
const HEX_TOKEN = /[\s,:]+|(?:0x)?((?:[0-9a-f]{2})+)(?![0-9a-f])/iy;

/** Pairs of hex digits as bytes. */
export function readHex(line: string): ReadLine {
  const bytes: number[] = [];
  for (let at = 0; at < line.length; ) {
    const token = matchAt(HEX_TOKEN, line, at);
    if (!token) return { ok: false, at, problem: hexProblem(line, at) };
    const pairs = token[1] ?? "";
    for (let i = 0; i < pairs.length; i += 2)
      bytes.push(Number.parseInt(pairs.slice(i, i + 2), 16));
    at += token[0].length;
  }
  return { ok: true, bytes: Uint8Array.from(bytes) };
}

function hexProblem(line: string, at: number): string {
  const word = /^[^\s,:]+/.exec(line.slice(at))?.[0] ?? "";
  return /^(?:0x)?[0-9a-f]+$/i.test(word)
    ? `${word} has a digit too many or too few: two make a byte, as in 0a.`
    : `${word} is not hexadecimal: write pairs of 0 to 9 and a to f, as in 48 65.`;
}
