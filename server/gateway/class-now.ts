/** What a page is told of its class: what the class knows, and what only its gateway does. */
import { formatAddress } from "../../shared/address.ts";
import type { ClassNow } from "../../shared/classroom.ts";
import type { LessonName } from "../../shared/lessons.ts";
import type { Classroom, Identity, ServedPort } from "../classroom/types.ts";
import { isLoopback } from "../doors.ts";

/** Lesson servers that a teacher can start. */
export interface ClassLessons {
  /** Those that listen now; `own`: the teacher started it. */
  list(): { name: LessonName; port: number; own: boolean }[];
  /**
   * One that runs there already is not started again.
   * @param port 0: any free one.
   * @returns a sentence when it cannot listen there.
   */
  start(name: LessonName, port: number): Promise<{ port: number } | { problem: string }>;
  /** @returns a sentence when there is none, or it is not the teacher's to stop. */
  stop(name: LessonName, port: number): Promise<string | null>;
}

/** A class, and what the rest of the server knows for it. */
export interface ClassSetup {
  readonly classroom: Classroom;
  /** What students open, without the code. */
  readonly url: () => string;
  /** What students may reach besides each other. */
  readonly targets: () => ClassNow["targets"];
  readonly lessons: ClassLessons;
  /** Why nobody could allow that target to students, as a sentence; null: it can be allowed. */
  readonly targetProblem: (address: string) => string | null;
  /** Why not every conversation is kept to its end, as a sentence; null: all are, or none is to be. */
  readonly keepProblem: () => string | null;
}

/** Everything that a page of that identity may know. */
export function classNow(setup: ClassSetup, identity: Identity): ClassNow {
  const { classroom } = setup;
  const state = classroom.stateFor(identity);
  const isProjected = identity.role !== "student";
  return {
    type: "class",
    ...state,
    targets: setup.targets(),
    servers: servers(classroom, isProjected && state.namesHidden),
    ...(identity.role === "teacher" && { teacher: forTeacher(setup) }),
    ...(identity.role === "watch" && { door: doorOf(setup) }),
  };
}

/** Where students listen whom somebody can reach from here. */
function servers(classroom: Classroom, hidesNames: boolean): ClassNow["servers"] {
  return reachable(classroom).map(({ student, scheme, host, port }) => ({
    student,
    name: hidesNames ? "" : (classroom.nameOf(student) ?? ""),
    address: formatAddress({ scheme, host, port }),
  }));
}

/** The loopback of another gateway is another machine's. */
export function reachable({ served, gateway }: Classroom): ServedPort[] {
  return served
    .filter((it) => it.gateway === gateway || !isLoopback(it.host))
    .map((it) => ({ ...it, host: it.gateway === gateway ? dialable(it.host) : it.host }));
}

/** What stands for "every address" cannot be dialled; the loopback one of its family reaches it. */
export function dialable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

function doorOf({ classroom, url }: ClassSetup): NonNullable<ClassNow["door"]> {
  return { code: classroom.board, url: url(), joinUrl: joinUrl(url(), classroom) };
}

/** In the fragment, which no server and no log ever sees. */
export const joinUrl = (url: string, { code }: Pick<Classroom, "code">): string =>
  `${url}#join=${code}`;

function forTeacher(setup: ClassSetup): NonNullable<ClassNow["teacher"]> {
  const { classroom, url, lessons } = setup;
  const keepProblem = setup.keepProblem();
  return {
    ...doorOf(setup),
    ...(keepProblem !== null && { keepProblem }),
    watchUrl: `${url()}#t=${classroom.watchSecret}`,
    frozen: [...classroom.frozen],
    lessons: lessons.list(),
    added: [...classroom.added],
    gateways: classroom.others,
  };
}
