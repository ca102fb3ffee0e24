/** What the class is besides its students, as it lasts on the bus: its secrets, its switches, what the teacher said. */
import * as v from "valibot";
import type { Bus } from "./bus.ts";
import { makeJoinCode, makeSecret } from "./code.ts";
import { readJson } from "./read.ts";

const CLASS = "class";
const FROZEN = "frozen";
const ALLOWED = "allow";
/** In place of a student: everybody. */
const ALL = "*";

const Said = v.object({ n: v.number(), text: v.string() });
export type Said = v.InferOutput<typeof Said>;
type SaidTable = "note" | "point";

/** What is on or off. */
export type Switch = "locked" | "names-hidden" | "ended";

export class ClassState {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Takes over the secrets of the class, or makes them when this is the first gateway. */
  async settle(): Promise<void> {
    await this.#bus.claim(CLASS, "code", makeJoinCode());
    await this.#bus.claim(CLASS, "teacher", makeSecret());
    await this.#bus.claim(CLASS, "watch", makeSecret());
    await this.#bus.claim(CLASS, "key", makeSecret());
  }

  /** Forgets everything a class was, so that another can begin. */
  wipe(): void {
    for (const table of [CLASS, FROZEN, ALLOWED, "note", "point", "student", "name", "seat"]) {
      for (const key of [...this.#bus.entries(table).keys()]) this.#bus.remove(table, key);
    }
  }

  secret(name: "code" | "teacher" | "watch" | "key"): string {
    const value = this.#bus.entries(CLASS).get(name);
    if (value === undefined) throw new Error(`The class has no ${name}: it was never settled.`);
    return value;
  }

  isOn(name: Switch): boolean {
    return this.#bus.entries(CLASS).has(name);
  }

  turn(name: Switch, on: boolean): void {
    if (on === this.isOn(name)) return;
    if (on) this.#bus.put(CLASS, name, "1");
    else this.#bus.remove(CLASS, name);
  }

  /** Walls are cleared once for each new number. */
  clear(): void {
    const before = Number(this.#bus.entries(CLASS).get("cleared") ?? 0);
    this.#bus.put(CLASS, "cleared", String(before + 1));
  }

  get allFrozen(): boolean {
    return this.#bus.entries(FROZEN).has(ALL);
  }

  /** Who may not type although the class may. */
  get frozen(): string[] {
    return [...this.#bus.entries(FROZEN).keys()].filter((key) => key !== ALL);
  }

  isFrozen(student: string): boolean {
    const frozen = this.#bus.entries(FROZEN);
    return frozen.has(ALL) || frozen.has(student);
  }

  freeze(student: string | undefined, on: boolean): void {
    const key = student ?? ALL;
    if (on === this.#bus.entries(FROZEN).has(key)) return;
    if (on) this.#bus.put(FROZEN, key, "1");
    else this.#bus.remove(FROZEN, key);
  }

  /** The newest that was said to everybody or to this student. */
  said(table: SaidTable, student?: string): Said | undefined {
    const keys = student === undefined ? [ALL] : [ALL, student];
    const said = keys.map((key) => this.#read(table, key)).filter((it) => it !== null);
    return said.sort((a, b) => b.n - a.n)[0];
  }

  say(table: SaidTable, text: string, student?: string): void {
    const numbers = [...this.#bus.entries(table).keys()].map(
      (key) => this.#read(table, key)?.n ?? 0,
    );
    const n = Math.max(0, ...numbers) + 1;
    this.#bus.put(table, student ?? ALL, JSON.stringify({ n, text }));
  }

  /** What was said to a student, and that it was frozen, is of no use without it. */
  dropStudent(student: string): void {
    for (const table of [FROZEN, "note", "point"]) {
      if (this.#bus.entries(table).has(student)) this.#bus.remove(table, student);
    }
  }

  /** Targets the teacher added, in that order. */
  get added(): string[] {
    const entries = [...this.#bus.entries(ALLOWED)];
    return entries.sort((a, b) => Number(a[1]) - Number(b[1])).map(([target]) => target);
  }

  allow(target: string, on: boolean): void {
    const targets = this.#bus.entries(ALLOWED);
    if (on === targets.has(target)) return;
    const last = Math.max(0, ...[...targets.values()].map(Number));
    if (on) this.#bus.put(ALLOWED, target, String(last + 1));
    else this.#bus.remove(ALLOWED, target);
  }

  #read(table: SaidTable, key: string): Said | null {
    const text = this.#bus.entries(table).get(key);
    return text === undefined ? null : readJson(Said, text);
  }
}
