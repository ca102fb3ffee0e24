/** One page of a class: what it was told last, and the wall and the conversation it follows. */
import type { ClassNow, Followed, Wall } from "../../shared/classroom.ts";
import type { GatewayMessage } from "../../shared/protocol.ts";
import type { Classroom, Identity } from "../classroom/types.ts";

/** What a page of a class needs of its session. */
export interface ClassPageSession {
  readonly identity: Identity;
  readonly attached: boolean;
  /** It has not read what it was sent before. */
  readonly behind: boolean;
  send(message: GatewayMessage): void;
}

/** Between two looks whether a page has caught up, in milliseconds. */
const CATCH_UP_MS = 100;

type Begin<T> = (give: (message: T) => void) => () => void;

/**
 * Something that is followed, the first message of which is the whole of it. While the page is behind it is
 * given up, and begun anew afterwards: a slow page costs no memory, and sees what is true by then.
 */
class Followable<T extends Wall | Followed> {
  readonly #session: ClassPageSession;
  readonly #begin: Begin<T>;
  #end: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(session: ClassPageSession, begin: Begin<T>) {
    this.#session = session;
    this.#begin = begin;
    this.#run();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#end?.();
    this.#end = null;
  }

  #run(): void {
    this.#timer = null;
    if (this.#session.behind) return this.#later();
    let isOn = true;
    const end = this.#begin((message) => {
      if (!isOn) return;
      if (!this.#session.behind) return this.#session.send(message);
      isOn = false;
      // It may be called before what ends it is known.
      if (this.#end) this.#giveUp();
    });
    this.#end = end;
    if (!isOn) this.#giveUp();
  }

  #giveUp(): void {
    this.#end?.();
    this.#end = null;
    this.#later();
  }

  #later(): void {
    this.#timer ??= setTimeout(() => this.#run(), CATCH_UP_MS);
  }
}

export class ClassPage {
  readonly #session: ClassPageSession;
  readonly #classroom: Classroom;
  #said = "";
  #wall: Followable<Wall> | null = null;
  #followed: { student: string; feed: Followable<Followed> } | null = null;

  constructor(session: ClassPageSession, classroom: Classroom) {
    this.#session = session;
    this.#classroom = classroom;
  }

  /** The wall is on it. */
  get watches(): boolean {
    return this.#wall !== null;
  }

  /** A new WebSocket: nothing was said on it yet, and nothing asked. */
  begin(): void {
    this.stop();
    this.#said = "";
  }

  /** Says what is new; a page that is away reads it when it comes back. */
  tell(now: ClassNow): void {
    if (!this.#session.attached) return;
    const said = JSON.stringify(now);
    if (said === this.#said) return;
    this.#said = said;
    this.#session.send(now);
  }

  /** Sends the wall, and one student's conversation; null: none. */
  watch(on: boolean, student: string | null): void {
    const { identity } = this.#session;
    if (on) {
      this.#wall ??= new Followable(this.#session, (give) => this.#classroom.watch(identity, give));
    } else this.#stopWall();
    this.#follow(on ? student : null);
  }

  stop(): void {
    this.#stopWall();
    this.#follow(null);
  }

  #stopWall(): void {
    this.#wall?.stop();
    this.#wall = null;
  }

  #follow(student: string | null): void {
    if (student === (this.#followed?.student ?? null)) return;
    this.#followed?.feed.stop();
    this.#followed = null;
    if (student === null) return;
    const feed = new Followable<Followed>(this.#session, (give) =>
      this.#classroom.follow(student, give),
    );
    this.#followed = { student, feed };
  }
}
