/** A peer's bytes as text that can only be read: what is not printable is shown, and nothing is obeyed. */

/** What is written around an escape, so that `\x9b` made here differs from the same letters sent. */
export interface EscapeStyle {
  open: string;
  close: string;
}

const plain: EscapeStyle = { open: "", close: "" };

/** Nearly all text there is: nothing to look at more closely. */
const NOT_ORDINARY = /[^\t\n\r\x20-\x7e]|\r(?!\n)/;
/**
 * Candidates for an escape: controls, lines and paragraphs, formats (bidi among them), and
 * everything Unicode calls default ignorable, which is to say invisible. CR LF is a line end.
 * The last alternative is a pile: marks, skin tones, leading jamo and prepended letters would join
 * to one cell without end (UAX #29 rules GB6 to GB9b).
 */
const SUSPECT =
  /\r\n|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\ufff9-\ufffb]|[\p{M}\p{EMod}\u1100-\u115f\ua960-\ua97c\u0d4e\u{111c2}\u{111c3}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}]{9,}/gu;
/** The same on one line: line ends and tabs are shown too. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\ufff9-\ufffb]/gu;

const JOINER = "\u200d";
const NON_JOINER = "\u200c";
/** Scripts in which joiners decide how a word is written (UAX #31 section 2.3). */
const JOINING_SCRIPT =
  /^[\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Nkoo}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}\p{sc=Mymr}]$/u;
const PICTURE = /^\p{ExtPict}$/u;
/** What may stand between an emoji and its joiner. */
const PICTURE_TAIL = /^[\ufe0f\p{EMod}]$/u;
const EMOJI = /^\p{Emoji}$/u;
const HAN = /^\p{sc=Han}$/u;
/** The longest emoji in use joins four pictures; more would grow one cell without end. */
const MOST_JOINS = 4;
const MOST_MARKS = 8;

const short: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r" };

/**
 * `\x1b` for ESC, `\r`, `\x9b` for CSI, `\u202e`, `\u{e0041}`: as Python writes them, in letters that
 * every font has.
 */
function escapeOf(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return short[code] ?? `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** Every character as an escape of its own, in one pair of style marks. */
function escapeAll(text: string, style: EscapeStyle): string {
  let escaped = "";
  for (const character of text) escaped += escapeOf(character.codePointAt(0) ?? 0);
  return style.open + escaped + style.close;
}

/** The character that ends before `index`, or that starts at it. */
function before(text: string, index: number): string {
  const low = text.charCodeAt(index - 1);
  const pair = low >= 0xdc00 && low <= 0xdfff && index > 1;
  return index > 0 ? text.slice(index - (pair ? 2 : 1), index) : "";
}
function after(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** True where an invisible character changes how its neighbours are written, as emoji and scripts need it. */
function isNeeded(character: string, text: string, index: number): boolean {
  const previous = before(text, index);
  const next = after(text, index + character.length);
  if (character === "\ufe0f" || character === "\ufe0e") return EMOJI.test(previous);
  if (character === JOINER || character === NON_JOINER) {
    if (JOINING_SCRIPT.test(previous) && JOINING_SCRIPT.test(next)) return true;
    return character === JOINER && PICTURE.test(next) && endsInPicture(text, index);
  }
  const selector = character.codePointAt(0) ?? 0;
  const forHan =
    (selector >= 0xfe00 && selector <= 0xfe02) || (selector >= 0xe0100 && selector <= 0xe01ef);
  return forHan && HAN.test(previous);
}

function endsInPicture(text: string, index: number): boolean {
  let end = index;
  for (let i = 0; i < 2 && PICTURE_TAIL.test(before(text, end)); i++) {
    end -= before(text, end).length;
  }
  return PICTURE.test(before(text, end));
}

/** Characters a chain of joined emoji may take between two joiners, in UTF-16 units. */
const JOIN_REACH = 6;

/**
 * Text as a terminal may be given it: line ends (LF, CR LF) and TAB stay, and every other control,
 * bidi or invisible character is shown as an escape, so that no sequence survives.
 * @param style what to write around each run made by an escape; the only control sequences in the result.
 * @param context the end of the text before, for a joiner at the beginning.
 */
export function safeText(text: string, style: EscapeStyle = plain, context = ""): string {
  if (!NOT_ORDINARY.test(text)) return text;
  const whole = context + text;
  let joins = 0;
  let lastJoin = -JOIN_REACH;
  return text.replace(SUSPECT, (found, index: number) => {
    if (found === "\n" || found === "\t" || found === "\r\n") return found;
    if (found.length > 2) return cutPile(found, style);
    if (!isNeeded(found, whole, context.length + index)) return escapeAll(found, style);
    if (found !== JOINER) return found;
    joins = index - lastJoin <= JOIN_REACH ? joins + 1 : 1;
    lastJoin = index;
    return joins <= MOST_JOINS ? found : escapeAll(found, style);
  });
}

function cutPile(pile: string, style: EscapeStyle): string {
  const marks = [...pile];
  const kept = marks.slice(0, MOST_MARKS).join("");
  return kept + escapeAll(marks.slice(MOST_MARKS).join(""), style);
}

/** Text on one line, for previews and lists: line ends and tabs are shown as well. */
export function visibleText(text: string): string {
  return text.replace(CONTROL, (found, index: number) =>
    isNeeded(found, text, index) ? found : escapeAll(found, plain),
  );
}

/** Ends of a chunk that mean something else when the next chunk goes on. */
const UNDECIDED = /[\r\u200c\u200d]$/;

/** One direction's bytes as safe text: a character, a CR LF or a joined emoji cut across chunks is whole. */
export class SafeDecoder {
  // A byte order mark is bytes like any others: it is shown.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #style: EscapeStyle;
  /** What was given out last, so that a joiner knows its neighbour. */
  #context = "";
  #held = "";

  constructor(style: EscapeStyle = plain) {
    this.#style = style;
  }

  /** The text these bytes complete; the rest is kept for the next call. */
  decode(bytes: Uint8Array): string {
    return this.#give(this.#decoder.decode(bytes, { stream: true }), false);
  }

  /** What is left at the end of the stream: half a character becomes U+FFFD. */
  end(): string {
    return this.#give(this.#decoder.decode(), true);
  }

  #give(decoded: string, last: boolean): string {
    let text = this.#held + decoded;
    this.#held = "";
    if (!last && UNDECIDED.test(text)) {
      this.#held = text.slice(-1);
      text = text.slice(0, -1);
    }
    if (text === "") return "";
    const safe = safeText(text, this.#style, this.#context);
    // Never half a surrogate pair: a property class would not know it.
    this.#context = text.slice(-JOIN_REACH).replace(/^[\udc00-\udfff]/, "");
    return safe;
  }
}
