/**
 * Conversations that somebody looks at whole: each goes from the student's gateway to those who follow it,
 * and to nobody while nobody does.
 */
import * as v from "valibot";
import { Followed } from "../../shared/classroom.ts";
import type { Bus } from "./bus.ts";
import { readJson } from "./read.ts";

const TOPIC = "feed";
/** Who follows whom: held by the followers, with a number that is another when all is wanted again. */
const FOLLOWING = "follow";

type Take = (followed: Followed) => void;
type Source = (student: string, give: Take) => (() => void) | null;

/** A part of a feed with its place, so that a lost one is noticed. */
const Part = v.object({ n: v.number(), followed: Followed });

export class Feeds {
  readonly #bus: Bus;
  readonly #takers = new Map<string, Set<Take>>();
  /** Other gateways that follow a student; asked with everything a student sends. */
  readonly #followers = new Map<string, Set<string>>();
  /** What this gateway gives now, by student. */
  readonly #running = new Map<string, () => void>();
  /** The part that comes next, by the gateway that gives it and the student. */
  readonly #expected = new Map<string, number>();
  #source: Source = () => null;
  #asked = 0;

  constructor(bus: Bus) {
    this.#bus = bus;
    for (const { by, key } of bus.held(FOLLOWING)) this.#note(key, by, true);
    bus.listen({
      held: (table, by, student, value) => {
        if (table !== FOLLOWING || by === bus.me) return;
        this.#note(student, by, value !== null);
        if (value === null) this.#stopUnwanted(student);
        else this.#restart(student);
      },
      heard: (topic, body, from) => {
        if (topic === TOPIC) this.#take(body, from);
      },
      // What was given meanwhile has reached nobody.
      online: (on) => {
        if (on) for (const student of [...this.#running.keys()]) this.#restart(student);
      },
    });
  }

  setSource(source: Source): void {
    this.#source = source;
    for (const student of new Set([...this.#takers.keys(), ...this.#followers.keys()]))
      this.#restart(student);
  }

  /** @returns stops. */
  follow(student: string, take: Take): () => void {
    const takers = this.#takers.get(student) ?? new Set();
    this.#takers.set(student, takers);
    takers.add(take);
    this.#ask(student);
    this.#restart(student);
    return () => {
      if (!takers.delete(take) || takers.size > 0) return;
      this.#takers.delete(student);
      this.#bus.hold(FOLLOWING, student, null);
      this.#stopUnwanted(student);
    };
  }

  /** A student of this gateway is there: perhaps somebody has been waiting for it. */
  seen(student: string): void {
    if (!this.#running.has(student)) this.#start(student);
  }

  close(): void {
    for (const stop of this.#running.values()) stop();
    this.#running.clear();
    this.#takers.clear();
  }

  #ask(student: string): void {
    this.#bus.hold(FOLLOWING, student, String(++this.#asked));
  }

  #note(student: string, by: string, follows: boolean): void {
    const followers = this.#followers.get(student) ?? new Set();
    if (follows) this.#followers.set(student, followers.add(by));
    else if (followers.delete(by) && followers.size === 0) this.#followers.delete(student);
  }

  #isWanted(student: string): boolean {
    return this.#takers.has(student) || this.#followers.has(student);
  }

  #restart(student: string): void {
    this.#stop(student);
    this.#start(student);
  }

  #start(student: string): void {
    if (!this.#isWanted(student)) return;
    let n = 0;
    const stop = this.#source(student, (followed) => {
      this.#give(followed);
      const part = JSON.stringify({ n: n++, followed });
      if (!this.#bus.online) return;
      for (const to of this.#followers.get(student) ?? []) this.#bus.publish(TOPIC, part, to);
    });
    if (stop) this.#running.set(student, stop);
  }

  #stop(student: string): void {
    const stop = this.#running.get(student);
    this.#running.delete(student);
    stop?.();
  }

  #stopUnwanted(student: string): void {
    if (!this.#isWanted(student)) this.#stop(student);
  }

  #give(followed: Followed): void {
    for (const take of [...(this.#takers.get(followed.student) ?? [])]) take(followed);
  }

  #take(body: string, from: string): void {
    const part = readJson(Part, body);
    if (!part || !this.#takers.has(part.followed.student)) return;
    const key = `${from} ${part.followed.student}`;
    const expected = this.#expected.get(key) ?? 0;
    if (part.n !== 0 && part.n !== expected) {
      // Some of it is lost: once more from its beginning, which is asked for once.
      if (expected !== Number.POSITIVE_INFINITY) this.#ask(part.followed.student);
      this.#expected.set(key, Number.POSITIVE_INFINITY);
      return;
    }
    this.#expected.set(key, part.n + 1);
    this.#give(part.followed);
  }
}
