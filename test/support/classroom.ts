/** Classes for tests: gateways on one bus, people who came in, and rows of a wall. */

import type { Bus } from "../../server/classroom/bus.ts";
import { MemoryHub } from "../../server/classroom/bus-memory.ts";
import { type ClassroomOptions, openClassroom } from "../../server/classroom/classroom.ts";
import type { Classroom, Identity, StudentNow } from "../../server/classroom/types.ts";
import type { Wall, WallMark, WallRow } from "../../shared/classroom.ts";
import { eventually } from "./eventually.ts";

export const ADDRESS = "192.0.2.1";
const HOUR_MS = 3_600_000;

/** A gateway of a class. @param bus its own one alone when left out. */
export function openClass(
  options: Partial<Omit<ClassroomOptions, "settings">> & Partial<ClassroomOptions["settings"]> = {},
): Promise<Classroom> {
  const { bus = new MemoryHub().join(), now, lostMs, ...settings } = options;
  return openClassroom({
    bus,
    ...(now ? { now } : {}),
    ...(lostMs === undefined ? {} : { lostMs }),
    settings: { name: "Networks 7a", size: 300, passMs: 12 * HOUR_MS, keeps: null, ...settings },
  });
}

export interface Came {
  pass: string;
  identity: Identity;
  id: string;
}

/** A student who comes in. @throws {Error} with the problem when it is refused. */
export async function enter(classroom: Classroom, name: string): Promise<Came> {
  const joined = await classroom.join({ code: classroom.code, name, address: ADDRESS });
  if (!joined.ok) throw new Error(joined.problem);
  const { pass, identity } = joined;
  return { pass, identity, id: identity.student?.id ?? "" };
}

export function teacherOf(classroom: Classroom): Identity {
  const admitted = classroom.admit(classroom.teacherSecret, ADDRESS);
  if (!admitted.ok) throw new Error("The teacher is not let in.");
  return admitted.identity;
}

export function watcherOf(classroom: Classroom): Identity {
  const admitted = classroom.admit(classroom.watchSecret, ADDRESS);
  if (!admitted.ok) throw new Error("The second screen is not let in.");
  return admitted.identity;
}

export const here = (now: Partial<StudentNow> = {}): StudentNow => ({
  here: true,
  open: 0,
  now: null,
  last: null,
  ...now,
});

export const said = (text: string): StudentNow["last"] => ({ direction: "out", text });
export const mark = (at: number, bytes = 1, kind: WallMark["kind"] = "out"): WallMark => ({
  at,
  kind,
  bytes,
});

/** A screen that keeps everything it is told, and what it would show. */
export class Screen {
  readonly heard: Wall[] = [];
  readonly rows = new Map<string, WallRow>();
  /** Marks by student, in the order they came. */
  readonly marks = new Map<string, WallMark[]>();
  readonly stop: () => void;

  constructor(classroom: Classroom, identity = teacherOf(classroom)) {
    this.stop = classroom.watch(identity, (wall) => this.#take(wall));
  }

  #take(wall: Wall): void {
    this.heard.push(wall);
    if (wall.whole) {
      this.rows.clear();
      this.marks.clear();
    }
    for (const row of wall.rows) {
      this.rows.set(row.id, row);
      this.marks.set(row.id, [...(this.marks.get(row.id) ?? []), ...row.marks]);
    }
    for (const id of wall.gone) this.rows.delete(id);
  }

  /** Waits until that student's row is as expected. */
  sees(id: string, holds: (row: WallRow | undefined) => boolean): Promise<WallRow | undefined> {
    return eventually(() => this.rows.get(id), holds);
  }
}

/** Closes whatever was opened, the last first. */
export class Opened {
  readonly #closing: (() => Promise<unknown> | unknown)[] = [];

  async add<T extends { close(): Promise<unknown> | unknown }>(
    opening: T | Promise<T>,
  ): Promise<T> {
    const it = await opening;
    this.#closing.push(() => it.close());
    return it;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }
}

export type JoinBus = (me?: string) => Promise<Bus>;
