/** What the teacher asks of a student's page: words to read, an address to connect to; and the first conversation. */
import type { ClassNow } from "../../shared/classroom.ts";
import type { Classroom } from "./classroom.ts";
import type { Desk } from "./desk.ts";
import type { Settings } from "./settings.ts";
import { Store } from "./store.ts";
import type { Talk } from "./talk.ts";

/** Where the teacher asked to connect, everybody or this student alone, and what this page made of it. */
export interface Pointed {
  address: string;
  /** The conversation that was begun; null: every one that the gateway allows is under way. */
  talk: Talk | null;
  /** What was in front before, where that was another. */
  before: Talk | null;
}

export class Student extends Store {
  readonly #classroom: Classroom;
  readonly #desk: Desk;
  readonly #settings: Settings;
  #pointed: Pointed | null = null;
  #hasBegun = false;

  constructor(classroom: Classroom, desk: Desk, settings: Settings) {
    super();
    this.#classroom = classroom;
    this.#desk = desk;
    this.#settings = settings;
    classroom.subscribe(() => this.#heard());
    desk.carrier.subscribe(() => this.#attached());
    desk.subscribe(() => this.#tidy());
  }

  /** What the gateway said last of the class; null before it has. */
  get now(): ClassNow | null {
    return this.#classroom.now;
  }

  /** The teacher's words, until they are put away; those that come later are shown again. */
  get note(): string | null {
    const note = this.now?.note;
    if (!note || note.text === "" || note.n <= this.#settings.noted(this.#key("note"))) return null;
    return note.text;
  }

  putNoteAway(): void {
    this.#settings.note(this.#key("note"), this.now?.note?.n ?? 0);
    this.changed();
  }

  /** What was made of the teacher's last address, until it is put away. */
  get pointed(): Pointed | null {
    return this.#pointed;
  }

  putPointedAway(): void {
    this.#pointed = null;
    this.changed();
  }

  /** Back to the conversation that was in front before. The new one goes on behind its tab. */
  goBack(): void {
    const before = this.#pointed?.before;
    this.putPointedAway();
    if (before) this.#desk.choose(before);
  }

  /** To the one the teacher asked for: the page may show its server meanwhile. */
  goThere(): void {
    const { talk = null } = this.#pointed ?? {};
    if (talk) this.#desk.choose(talk);
    else this.#pointed = null;
    this.changed();
  }

  /** Where there was no room for it: tries again. */
  connectAgain(): void {
    if (this.#pointed) this.#follow(this.#pointed.address);
    this.changed();
  }

  /**
   * Connects, in the conversation in front if it is over or has not begun, else in a new one.
   * @returns the conversation; null where there is no room for another.
   */
  connect(address: string): Talk | null {
    const idle = !this.#desk.current.busy;
    if (!idle && !this.#desk.hasRoom) return null;
    const talk = idle ? this.#desk.current : this.#desk.add();
    talk.connect(address);
    return talk;
  }

  #key(what: string): string {
    return `${what} ${this.now?.student?.id ?? ""}`;
  }

  #heard(): void {
    this.#act();
    this.changed();
  }

  /** What was said of the class waits until what an earlier load of this page had is back. */
  #attached(): void {
    if (!this.#hasBegun) this.#act();
  }

  #act(): void {
    const { now } = this;
    if (now?.role !== "student" || this.#desk.carrier.status.phase !== "live") return;
    const { point } = now;
    if (point && point.n > this.#settings.noted(this.#key("point"))) {
      this.#settings.note(this.#key("point"), point.n);
      this.#follow(point.address);
    } else if (!this.#hasBegun) this.#begin(now);
    this.#hasBegun = true;
  }

  #follow(address: string): void {
    const before = this.#desk.current;
    const talk = this.connect(address);
    this.#pointed = { address, talk, before: talk === before ? null : before };
  }

  /** Joining is talking: the first conversation starts by itself, if it can still lead where the last one did. */
  #begin({ targets }: ClassNow): void {
    const { current, screen } = this.#desk;
    if (current.conversation || screen !== "talk" || this.#desk.linkedTo(current)) return;
    const last = targets.find(({ address }) => address === this.#settings.lastAddress);
    const first = last ?? targets[0];
    if (first) current.connect(first.address);
  }

  /** A conversation that was closed is nothing to go back to. */
  #tidy(): void {
    const pointed = this.#pointed;
    if (!pointed?.before || this.#desk.talks.includes(pointed.before)) return;
    this.#pointed = { ...pointed, before: null };
    this.changed();
  }
}
