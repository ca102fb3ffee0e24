/** How one end sends and what it has asked of its connection: lab controls, raw mode, escapes. */
import { MAX_LAB_MS, MAX_OFFSET, MAX_PAYLOAD_BYTES } from "../../shared/bounds.ts";
import {
  type ConversationState,
  initialState,
  type LabOptions,
} from "../../shared/conversation.ts";
import type { LineForm } from "./escapes.ts";
import { Store } from "./store.ts";

/** What is kept of them here, on the page; the rest belongs to the socket at the gateway. */
export interface LabChoices {
  /** Every send is cut into pieces of so many bytes; null: it stays whole. */
  pieceBytes: number | null;
  /** Whole lines are sent with Enter, or every key as it is pressed. */
  typing: "line" | "raw";
  /** In raw mode: the keys are shown here too, and not only when the other end sends them back. */
  echo: boolean;
  form: LineForm;
}

const defaults: LabChoices = { pieceBytes: null, typing: "line", echo: true, form: "text" };

export class Lab extends Store {
  #choices = defaults;
  #asked: Partial<LabOptions> = {};

  get choices(): Readonly<LabChoices> {
    return this.#choices;
  }

  choose(changes: Partial<LabChoices>): void {
    this.#choices = { ...this.#choices, ...changes };
    this.changed();
  }

  /** The gateway was asked for these. */
  ask(options: Partial<LabOptions>): void {
    this.#asked = { ...this.#asked, ...options };
    this.changed();
  }

  /** Another connection begins: a new socket has its kernel's defaults. */
  begin(): void {
    this.#asked = {};
    this.changed();
  }

  /** What was asked for and is not so yet. */
  pending(state: ConversationState | null): Partial<LabOptions> {
    const now = state?.options ?? initialState.options;
    const entries = Object.entries(this.#asked) as [keyof LabOptions, number | boolean][];
    return Object.fromEntries(entries.filter(([name, value]) => now[name] !== value));
  }
}

export type Field = "pieces" | "pause" | "delay" | "size";

/** Smallest and largest, in bytes or milliseconds. */
const ranges: Record<Field, { first: number; last: number; unit: string }> = {
  pieces: { first: 1, last: MAX_PAYLOAD_BYTES, unit: "bytes" },
  pause: { first: 0, last: MAX_LAB_MS, unit: "ms" },
  delay: { first: 0, last: MAX_LAB_MS, unit: "ms" },
  size: { first: 1, last: MAX_OFFSET, unit: "bytes" },
};

const grouped = new Intl.NumberFormat("en");

/** What was written into a field as a number; or what is wrong with it. An empty one is null. */
export function readField(
  field: Field,
  text: string,
): { value: number | null } | { wrong: string } {
  const { first, last, unit } = ranges[field];
  const plain = text.trim();
  if (plain === "") return { value: unit === "bytes" ? null : 0 };
  const value = Number(plain);
  if (/^\d+$/.test(plain) && value >= first && value <= last) return { value };
  return { wrong: `A whole number from ${first} to ${grouped.format(last)} ${unit}.` };
}
