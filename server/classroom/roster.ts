/** Who is in the class: names that nobody else has, seats that never change, students who were removed or forgotten. */
import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { MAX_NAME_CHARACTERS } from "../../shared/classroom.ts";
import { freeName, nameKey } from "../../shared/names.ts";
import type { Bus } from "./bus.ts";
import { readJson } from "./read.ts";

/** Its table on the bus. */
export const STUDENTS = "student";
const NAMES = "name";
const SEATS = "seat";
const ID_BYTES = 9;

/** As it lasts on the bus, by id. Who is removed is in the table no longer. */
const Entry = v.object({
  name: v.string(),
  seat: v.number(),
  /** When it came in, or came back after it was forgotten, in milliseconds since 1970. */
  at: v.number(),
  /** On no wall and in no count until its pass brings it back. */
  forgotten: v.boolean(),
});
type Entry = v.InferOutput<typeof Entry>;

export interface Student extends Entry {
  readonly id: string;
}
export type Entered = { ok: true; student: Student } | { ok: false; suggestion: string };

export class Roster {
  readonly #bus: Bus;
  readonly #now: () => number;
  /** Made from the table when something in it has changed. */
  #students: Map<string, Student> | null = null;
  /** Who is coming in just now. */
  #coming = 0;

  constructor(bus: Bus, now: () => number) {
    this.#bus = bus;
    this.#now = now;
    bus.listen({
      changed: (table) => {
        if (table === STUDENTS) this.#students = null;
      },
    });
  }

  /** Everybody by id, in the order of their seats, those who were forgotten last. */
  get all(): ReadonlyMap<string, Student> {
    this.#students ??= this.#read();
    return this.#students;
  }

  /** Those who are in the class now, by their seats. */
  get present(): Student[] {
    return [...this.all.values()].filter((student) => !student.forgotten);
  }

  hasName(name: string): boolean {
    return this.#isTaken(nameKey(name));
  }

  isFull(size: number): boolean {
    return this.present.length + this.#coming >= size;
  }

  /**
   * A new student with this name, unless somebody has it or one that looks like it.
   * @param name cleaned.
   */
  async enter(name: string): Promise<Entered> {
    this.#coming++;
    try {
      const id = randomBytes(ID_BYTES).toString("base64url");
      const holder = await this.#bus.claim(NAMES, nameKey(name), id);
      if (holder !== id) return { ok: false, suggestion: this.#suggest(name) };
      const seat = await this.#takeSeat(id);
      this.#put(id, { name, seat, at: this.#now(), forgotten: false });
      const student = this.all.get(id);
      if (!student) throw new Error("The bus of the class is closed.");
      return { ok: true, student };
    } finally {
      this.#coming--;
    }
  }

  /** Brings somebody back who was forgotten; the name is another if somebody has it by now. */
  revive(id: string): void {
    const student = this.all.get(id);
    if (!student?.forgotten) return;
    const name = this.#isTaken(nameKey(student.name), id)
      ? this.#suggest(student.name)
      : student.name;
    this.#bus.put(NAMES, nameKey(name), id);
    this.#put(id, { ...student, name, at: this.#now(), forgotten: false });
  }

  /** @param keepName nobody else may take it meanwhile. */
  forget(id: string, keepName: boolean): void {
    const student = this.all.get(id);
    if (!student || student.forgotten) return;
    if (!keepName) this.#release(student);
    this.#put(id, { ...student, forgotten: true });
  }

  remove(id: string): void {
    const student = this.all.get(id);
    if (!student) return;
    this.#release(student);
    this.#bus.remove(STUDENTS, id);
  }

  #put(id: string, { name, seat, at, forgotten }: Entry): void {
    this.#bus.put(STUDENTS, id, JSON.stringify({ name, seat, at, forgotten }));
  }

  #release({ id, name }: Student): void {
    const key = nameKey(name);
    if (this.#bus.entries(NAMES).get(key) === id) this.#bus.remove(NAMES, key);
  }

  #isTaken(key: string, by?: string): boolean {
    const holder = this.#bus.entries(NAMES).get(key);
    return holder !== undefined && holder !== by;
  }

  #suggest(name: string): string {
    return freeName(name, MAX_NAME_CHARACTERS, (key) => this.#isTaken(key));
  }

  async #takeSeat(id: string): Promise<number> {
    const taken = [...this.#bus.entries(SEATS).keys()].map(Number);
    for (let seat = Math.max(0, ...taken) + 1; ; seat++) {
      if ((await this.#bus.claim(SEATS, String(seat), id)) === id) return seat;
    }
  }

  /**
   * Two gateways that could not reach each other may have given one name or one seat twice. Everybody
   * settles that alike: who came first keeps it.
   */
  #read(): Map<string, Student> {
    const found: Student[] = [];
    for (const [id, text] of this.#bus.entries(STUDENTS)) {
      const entry = readJson(Entry, text);
      if (entry) found.push({ id, ...entry });
    }
    const rank = (a: Student, b: Student) =>
      Number(a.forgotten) - Number(b.forgotten) || a.at - b.at || (a.id < b.id ? -1 : 1);
    const keys = new Set<string>();
    const seats = new Set<number>();
    let last = Math.max(0, ...found.map(({ seat }) => seat));
    const settled = found.sort(rank).map((student): Student => {
      const isFree = !keys.has(nameKey(student.name));
      const name = isFree
        ? student.name
        : freeName(student.name, MAX_NAME_CHARACTERS, (key) => keys.has(key));
      const seat = seats.has(student.seat) ? ++last : student.seat;
      keys.add(nameKey(name));
      seats.add(seat);
      return { ...student, name, seat };
    });
    settled.sort((a, b) => Number(a.forgotten) - Number(b.forgotten) || a.seat - b.seat);
    return new Map(settled.map((student) => [student.id, student]));
  }
}
