/** What a person has chosen, kept in the browser: theme, size, manners, and a few things per address. */
import { MAX_BACKLOG } from "../../shared/bounds.ts";
import { Store } from "./store.ts";

export type Theme = "system" | "board" | "pad";
export type LineEnding = "none" | "lf" | "crlf";

export interface Choices {
  /** Board is dark, Pad is light; system follows the computer. */
  theme: Theme;
  /** Larger text: everything times 1.25. */
  large: boolean;
  /** Hang up when the server does, or when its answer is `closed`. */
  hangUpToo: boolean;
  /** xterm's screen reader mode. */
  screenReader: boolean;
}

const defaults: Choices = { theme: "system", large: false, hangUpToo: true, screenReader: false };

/** The part of Web Storage that is used; it may throw or be full, which loses nothing but memory of choices. */
export type Keep = Pick<Storage, "getItem" | "setItem">;

/** How a page was a server the last time. */
export interface ServingChoices {
  /** Null: none was chosen, and the page proposes one. */
  address: string | null;
  backlog: number;
  /** Accept at once instead of by hand. */
  atOnce: boolean;
  /** What is answered by itself; a name of canned.ts. */
  canned: string;
}

const servedFirst: ServingChoices = {
  address: null,
  backlog: 5,
  atOnce: false,
  canned: "off",
};

/** How the keys begin under which typed text is kept. */
const typed = ["wireside history ", "wireside draft "] as const;

/** Forgets what was typed here before: whoever uses the browser now may be somebody else. */
export function forgetTyped(storages: readonly (Storage | null)[]): void {
  for (const storage of storages) {
    const names = Array.from({ length: storage?.length ?? 0 }, (_, at) => storage?.key(at) ?? "");
    for (const name of names)
      if (typed.some((begins) => name.startsWith(begins))) storage?.removeItem(name);
  }
}

const KEPT_HISTORY_LINES = 200;
const LONGEST_HISTORY_LINE = 4096;

export class Settings extends Store {
  #choices: Choices;
  readonly #keep: Keep | null;
  readonly #tab: Keep | null;

  /**
   * @param keep where choices survive a reload; null keeps them for this page only.
   * @param tab where half a line survives one, for this tab alone.
   */
  constructor(keep: Keep | null, tab: Keep | null = null) {
    super();
    this.#tab = tab;
    this.#keep = keep;
    this.#choices = { ...defaults, ...readChoices(this.#read("choices")) };
  }

  get choices(): Readonly<Choices> {
    return this.#choices;
  }

  choose(changes: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...changes };
    this.#write("choices", this.#choices);
    this.changed();
  }

  /** The line ending that Enter adds for this address; none unless chosen. */
  lineEnding(address: string): LineEnding {
    const kept = this.#read(`ending ${address}`);
    return kept === "lf" || kept === "crlf" ? kept : "none";
  }

  chooseLineEnding(address: string, ending: LineEnding): void {
    this.#write(`ending ${address}`, ending);
    this.changed();
  }

  /** Lines sent to this address before, oldest first. */
  history(address: string): string[] {
    const kept = this.#read(`history ${address}`);
    return Array.isArray(kept) ? kept.filter((line) => typeof line === "string") : [];
  }

  /** Adds a line to the history, unless it repeats the last one. */
  remember(address: string, line: string): void {
    if (line.length > LONGEST_HISTORY_LINE) return;
    const lines = this.history(address);
    if (lines.at(-1) === line) return;
    lines.push(line);
    this.#write(`history ${address}`, lines.slice(-KEPT_HISTORY_LINES));
  }

  /** Half a line, typed for this address before the page was loaded anew; asked once. */
  draft(address: string): string {
    try {
      const kept = this.#tab?.getItem(`wireside draft ${address}`) ?? "";
      this.keepDraft(address, "");
      return kept;
    } catch {
      // Forbidden: nothing was kept.
      return "";
    }
  }

  /** Keeps half a line as it is typed. */
  keepDraft(address: string, line: string): void {
    if (line.length > LONGEST_HISTORY_LINE) return;
    try {
      this.#tab?.setItem(`wireside draft ${address}`, line);
    } catch {
      // Full or forbidden: half a line is lost with its page.
    }
  }

  /** The address of the last conversation, or null before the first. */
  get lastAddress(): string | null {
    const kept = this.#read("address");
    return typeof kept === "string" ? kept : null;
  }
  set lastAddress(address: string) {
    this.#write("address", address);
  }

  /** How the page was a server the last time, or how it begins. */
  get serving(): ServingChoices {
    return { ...servedFirst, ...readServing(this.#read("serving")) };
  }
  set serving(choices: ServingChoices) {
    this.#write("serving", choices);
    this.changed();
  }

  /** How far things that are counted were taken note of, such as what a teacher says: 0 before the first. */
  noted(what: string): number {
    const kept = this.#read(`noted ${what}`);
    return typeof kept === "number" ? kept : 0;
  }
  note(what: string, n: number): void {
    this.#write(`noted ${what}`, n);
  }

  /** What could not be kept. */
  #memory = new Map<string, string>();

  #read(key: string): unknown {
    try {
      const text = this.#memory.get(key) ?? this.#keep?.getItem(`wireside ${key}`);
      return text ? JSON.parse(text) : undefined;
    } catch {
      // Storage can be switched off, or hold something another version wrote: start afresh.
      return undefined;
    }
  }

  #write(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    if (!this.#keep) return void this.#memory.set(key, text);
    try {
      this.#keep.setItem(`wireside ${key}`, text);
      this.#memory.delete(key);
    } catch {
      // Full or forbidden: the choice lives as long as the page does.
      this.#memory.set(key, text);
    }
  }
}

function readChoices(kept: unknown): Partial<Choices> {
  if (typeof kept !== "object" || kept === null) return {};
  const { theme, large, hangUpToo, screenReader } = kept as Record<string, unknown>;
  const choices: Partial<Choices> = {};
  if (theme === "board" || theme === "pad" || theme === "system") choices.theme = theme;
  if (typeof large === "boolean") choices.large = large;
  if (typeof hangUpToo === "boolean") choices.hangUpToo = hangUpToo;
  if (typeof screenReader === "boolean") choices.screenReader = screenReader;
  return choices;
}

function readServing(kept: unknown): Partial<ServingChoices> {
  if (typeof kept !== "object" || kept === null) return {};
  const { address, backlog, atOnce, canned } = kept as Record<string, unknown>;
  const choices: Partial<ServingChoices> = {};
  if (typeof address === "string") choices.address = address;
  if (typeof backlog === "number" && isBacklog(backlog)) choices.backlog = backlog;
  if (typeof atOnce === "boolean") choices.atOnce = atOnce;
  if (typeof canned === "string") choices.canned = canned;
  return choices;
}

function isBacklog(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_BACKLOG;
}
