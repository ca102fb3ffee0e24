/** The gateway's side of a class: what its pages are told and ask, and what only a gateway can do to them. */
import { performance } from "node:perf_hooks";
import type { ClassAction, ClassCommand, Steer } from "../../shared/classroom.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import type { ClassEffect, Identity } from "../classroom/types.ts";
import type { Logger } from "../log.ts";
import { type ClassSetup, classNow } from "./class-now.ts";
import { ClassPage, type ClassPageSession } from "./class-page.ts";
import type { Recorder } from "./recorder.ts";
import { WallReport } from "./wall-report.ts";

/** Between two tellings of what has changed, in milliseconds. */
const TELL_MS = 500;

const ONLY_TEACHER = "Only the teacher can do that.";
const ONLY_WALLS = "Only the teacher and second screens see the wall.";

/** A session as its class sees it. */
export interface ClassSession extends ClassPageSession {
  readonly sid: string;
  hold(on: boolean): void;
  hangUp(): void;
}

export interface ClassDeskHost<S extends ClassSession> {
  readonly log: Logger;
  readonly recorder: Recorder;
  sessions(): Iterable<S>;
  /** The id of the student whose sessions belong to that user. */
  studentOf(user: string): string | null;
  /** Says why, ends the session for good and closes its WebSocket with 4403. */
  expel(session: S, code: FailureCode): void;
}

export class ClassDesk<S extends ClassSession = ClassSession> {
  readonly #setup: ClassSetup;
  readonly #host: ClassDeskHost<S>;
  readonly #pages = new Map<S, ClassPage>();
  readonly #served = new Map<Endpoint, string>();
  readonly #report: WallReport;
  readonly #stops: (() => void)[];
  #timer: NodeJS.Timeout | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(setup: ClassSetup, host: ClassDeskHost<S>) {
    this.#setup = setup;
    this.#host = host;
    const { classroom } = setup;
    this.#report = new WallReport({
      studentOf: (user) => host.studentOf(user),
      report: (student, now, marks) => classroom.report(student, now, marks),
    });
    classroom.feed((student, give) => this.#report.feed(student, give));
    this.#stops = [
      host.recorder.add(this.#report),
      classroom.onChange(() => this.changed()),
      classroom.onEffect((effect) => this.#do(effect)),
    ];
  }

  /** The class is over, and with it everything this gateway was for. */
  get isOver(): boolean {
    return this.#setup.classroom.ended;
  }

  /** There is a session more. */
  entered(session: S): void {
    const { classroom } = this.#setup;
    this.#pages.set(session, new ClassPage(session, classroom));
    classroom.sessions.here(session.sid, true);
    this.#freeze(session);
  }

  /** A page has taken up its session, and has been welcomed. */
  joined(session: S): void {
    const page = this.#pages.get(session);
    page?.begin();
    page?.tell(classNow(this.#setup, session.identity));
    this.#seen(session);
  }

  /** The page of a session is away. */
  away(session: S): void {
    this.#pages.get(session)?.stop();
    this.#seen(session);
  }

  ended(session: S): void {
    this.#pages.get(session)?.stop();
    this.#pages.delete(session);
    this.#setup.classroom.sessions.here(session.sid, false);
    this.#seen(session);
  }

  /** The wall is on the page of that session: somebody looks, also where nobody presses anything. */
  watches(session: S): boolean {
    return this.#pages.get(session)?.watches === true;
  }

  /** A page says something. Whoever may not is answered, and nothing happens. */
  command(session: S, command: ClassCommand): void {
    if (command.type === "steer") return void this.#steer(session, command);
    const { role } = session.identity;
    if (role === "teacher" || role === "watch") {
      return this.#pages.get(session)?.watch(command.on, command.student);
    }
    session.send({ type: "refused", code: "NOT_ALLOWED", detail: ONLY_WALLS });
  }

  /** A page of `owner` listens there, or does no longer. */
  served(local: Endpoint, on: boolean, { student }: Identity): void {
    if (!student) return;
    if (on) this.#served.set(local, student.id);
    else this.#served.delete(local);
    const ports = [...this.#served].map(([{ host, port }, id]) => ({
      student: id,
      host,
      port,
      scheme: "tcp" as const,
    }));
    this.#setup.classroom.serve(ports);
  }

  /** Whether a page of that identity is told who somebody is: where the class is shown to all, Hide names counts. */
  tellsNames(to: Identity): boolean {
    return to.role === "student" || !this.#setup.classroom.stateFor(to).namesHidden;
  }

  /** null: that student is in the class no longer. */
  nameOf(student: string): string | null {
    return this.#setup.classroom.nameOf(student);
  }

  /** Something of what pages are told has changed: they are told soon, at most twice a second. */
  changed(): void {
    for (const session of this.#pages.keys()) this.#freeze(session);
    if (this.#timer) return;
    const waitMs = Math.max(0, this.#toldAt + TELL_MS - performance.now());
    this.#timer = setTimeout(() => this.#tell(), waitMs);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
    for (const page of this.#pages.values()) page.stop();
    this.#report.close();
  }

  #tell(): void {
    this.#timer = null;
    this.#toldAt = performance.now();
    for (const [session, page] of this.#pages) {
      if (session.attached) page.tell(classNow(this.#setup, session.identity));
    }
  }

  #freeze(session: S): void {
    const { student } = session.identity;
    if (student) session.hold(this.#setup.classroom.isFrozen(student.id));
  }

  #seen({ identity: { student } }: S): void {
    if (!student) return;
    const isHere = [...this.#of(student.id)].some(({ attached }) => attached);
    this.#report.presence(student.id, isHere);
  }

  *#of(student?: string): Iterable<S> {
    for (const session of [...this.#pages.keys()]) {
      const id = session.identity.student?.id;
      if (id !== undefined && (student === undefined || id === student)) yield session;
    }
  }

  async #steer(session: S, { n, action }: Steer): Promise<void> {
    let problem: string | null = ONLY_TEACHER;
    if (session.identity.role === "teacher") {
      try {
        problem = await this.#ask(session.identity, action);
      } catch (error) {
        this.#host.log.error({ err: error, action: action.do }, "a teacher's wish failed");
        problem = "That went wrong in the gateway. Its log says what.";
      }
    }
    session.send({ type: "steered", n, ...(problem !== null && { problem }) });
  }

  async #ask(identity: Identity, action: ClassAction): Promise<string | null> {
    const { classroom, lessons, targetProblem } = this.#setup;
    if (action.do === "allow" && action.on) {
      const problem = targetProblem(action.address);
      if (problem !== null) return problem;
    }
    if (action.do !== "lesson" || classroom.ended) return classroom.steer(identity, action);
    // Here first, where it can be said what is wrong; then wherever else the class is.
    const { lesson, port, on } = action;
    if (!on) return (await lessons.stop(lesson, port)) ?? classroom.steer(identity, action);
    const started = await lessons.start(lesson, port);
    if ("problem" in started) return started.problem;
    return classroom.steer(identity, { ...action, port: started.port });
  }

  #do(effect: ClassEffect): void {
    switch (effect.do) {
      case "hang-up":
        for (const session of this.#of(effect.student)) session.hangUp();
        return;
      case "remove":
        for (const session of this.#of(effect.student)) this.#host.expel(session, "REMOVED");
        return this.#report.forget(effect.student);
      case "lesson":
        return void this.#lesson(effect);
      case "end":
        for (const session of [...this.#host.sessions()]) this.#host.expel(session, "CLASS_ENDED");
    }
  }

  /** What a teacher did on another gateway; here it is done already. */
  async #lesson({ lesson, port, on }: Extract<ClassEffect, { do: "lesson" }>): Promise<void> {
    const { lessons } = this.#setup;
    const isThere = lessons.list().some((it) => it.own && it.name === lesson && it.port === port);
    if (on === isThere) return;
    try {
      const done = on ? await lessons.start(lesson, port) : await lessons.stop(lesson, port);
      const problem = typeof done === "string" ? done : done && "problem" in done && done.problem;
      if (problem) this.#host.log.warn({ lesson, port, problem }, "a lesson server of the class");
    } catch (error) {
      this.#host.log.error({ err: error, lesson, port }, "a lesson server of the class");
    }
  }
}
