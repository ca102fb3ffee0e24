/**
 * The wall: everybody in the class as seen now, told to screens and to the other gateways at most every
 * WALL_STEP_MS, however much happens in between.
 */
import {
  WALL_STEP_MS,
  type WallMark,
  type Wall as WallMessage,
  type WallRow,
} from "../../shared/classroom.ts";
import type { Student } from "./roster.ts";
import { type Sighting, Sights } from "./sights.ts";
import { addMarks } from "./trace.ts";
import type { StudentNow } from "./types.ts";

export interface WallOptions {
  /** This gateway's name. */
  me: string;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Who is on the wall, by their seats. */
  students: () => readonly Student[];
  isFrozen: (student: string) => boolean;
  namesHidden: () => boolean;
  /** On which ports each student listens. */
  listening: () => ReadonlyMap<string, readonly number[]>;
  /** Tells the other gateways. */
  publish: (sightings: Sighting[]) => void;
}

interface Watcher {
  follow: (wall: WallMessage) => void;
  /** All of it is owed. */
  whole: boolean;
}

/** What a row says besides what is seen, and its number. */
interface Label {
  n: number;
  name: string;
  frozen: boolean;
  listens: readonly number[];
}

export class Wall {
  readonly #options: WallOptions;
  readonly #sights = new Sights();
  readonly #watchers = new Set<Watcher>();
  /** Who is on it, as far as screens were told. */
  readonly #labels = new Map<string, Label>();
  /** Whose row has changed, with the marks that came since. */
  readonly #changed = new Map<string, WallMark[]>();
  /** The same of this gateway's students, for the other gateways. */
  readonly #unsaid = new Map<string, WallMark[]>();
  #timer: NodeJS.Timeout | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: WallOptions) {
    this.#options = options;
  }

  report(student: string, now: StudentNow, marks: readonly WallMark[]): void {
    if (!this.#sights.report(this.#options.me, student, now, marks)) return;
    this.#note(this.#unsaid, student, marks);
    this.#note(this.#changed, student, marks);
    this.#soon();
  }

  hear(gateway: string, sightings: readonly Sighting[]): void {
    for (const sighting of sightings) {
      const fresh = this.#sights.hear(gateway, sighting);
      if (fresh === "anew") for (const watcher of this.#watchers) watcher.whole = true;
      if (fresh) this.#note(this.#changed, sighting.id, fresh === "anew" ? [] : fresh);
    }
    this.#soon();
  }

  /** On any gateway. */
  isHere(student: string): boolean {
    return this.#sights.of(student).here;
  }

  /** On this gateway. */
  isOurs(student: string): boolean {
    return this.#sights.isHere(this.#options.me, student);
  }

  /** That gateway is gone, its students are away. @returns who is nowhere now. */
  lose(gateway: string): string[] {
    const away = this.#sights.lose(gateway);
    for (const student of away) this.#note(this.#changed, student, []);
    this.#soon();
    return away;
  }

  /** Everything this gateway knows of its students, for gateways that missed some of it. */
  snapshot(): Sighting[] {
    this.#publish();
    return this.#sights.all(this.#options.me, this.#options.now());
  }

  /** Somebody came or went, or a name or a freeze has changed: screens are told of what did. */
  refresh(): void {
    this.#soon();
  }

  clear(): void {
    this.#publish();
    this.#sights.clear();
    this.#changed.clear();
    for (const label of this.#labels.values()) this.#count(label);
    for (const watcher of this.#watchers) watcher.whole = true;
    this.#soon();
  }

  /** @returns stops. */
  watch(follow: (wall: WallMessage) => void): () => void {
    const watcher = { follow, whole: true };
    this.#watchers.add(watcher);
    this.#soon();
    return () => this.#watchers.delete(watcher);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#watchers.clear();
  }

  #note(where: Map<string, WallMark[]>, student: string, marks: readonly WallMark[]): void {
    const waiting = where.get(student) ?? [];
    where.set(student, waiting);
    addMarks(waiting, marks);
  }

  #soon(): void {
    if (this.#timer) return;
    const waitMs = Math.max(0, this.#toldAt + WALL_STEP_MS - this.#options.now());
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#toldAt = this.#options.now();
        this.#publish();
        this.#tell();
      },
      Math.min(waitMs, WALL_STEP_MS),
    );
    this.#timer.unref();
  }

  #publish(): void {
    if (this.#unsaid.size === 0) return;
    const { me, publish } = this.#options;
    publish([...this.#unsaid].map(([student, marks]) => this.#sights.next(me, student, marks)));
    this.#unsaid.clear();
  }

  #tell(): void {
    const students = this.#options.students();
    const gone = this.#drop(students);
    const listening = this.#options.listening();
    for (const student of students) this.#label(student, listening.get(student.id) ?? []);
    const at = this.#options.now();
    const owesWhole = [...this.#watchers].some(({ whole }) => whole);
    const rows = students.filter(({ id }) => this.#changed.has(id));
    const part = rows.map((student) => this.#row(student, this.#changed.get(student.id) ?? []));
    const all = owesWhole
      ? students.map((student) => this.#row(student, this.#sights.trace(student.id, at)))
      : [];
    this.#changed.clear();
    for (const watcher of this.#watchers) {
      const { whole } = watcher;
      watcher.whole = false;
      if (whole) watcher.follow({ type: "wall", at, whole, rows: all, gone: [] });
      else if (part.length + gone.length > 0)
        watcher.follow({ type: "wall", at, whole, rows: part, gone });
    }
  }

  /** Takes those off the wall who are in the class no longer. */
  #drop(students: readonly Student[]): string[] {
    const present = new Set(students.map(({ id }) => id));
    const gone = [...this.#labels.keys()].filter((id) => !present.has(id));
    for (const id of gone) this.#labels.delete(id);
    return gone;
  }

  /** Gives the row its next number if anything of it has changed. */
  #label({ id, name: ownName }: Student, listens: readonly number[]): void {
    const frozen = this.#options.isFrozen(id);
    const name = this.#options.namesHidden() ? "" : ownName;
    const label = this.#labels.get(id);
    const isSame =
      label?.name === name && label.frozen === frozen && label.listens.join() === listens.join();
    if (!isSame) this.#note(this.#changed, id, []);
    if (!this.#changed.has(id)) return;
    const next = { n: label?.n ?? 0, name, frozen, listens };
    this.#count(next);
    this.#labels.set(id, next);
  }

  /** Numbers go with the clock, so that they also grow where another gateway had counted. */
  #count(label: Label): void {
    label.n = Math.max(label.n + 1, Math.floor(this.#options.now()));
  }

  #row({ id, seat }: Student, marks: WallMark[]): WallRow {
    const { n = 0, name = "", frozen = false, listens = [] } = this.#labels.get(id) ?? {};
    const serves = listens.length > 0 && { listens: [...listens] };
    return { id, n, seat, name, frozen, ...serves, ...this.#sights.of(id), marks };
  }
}
