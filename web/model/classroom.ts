/** The class as this page knows it: what the gateway said last, and the way to ask for things. */
import type {
  ClassAction,
  ClassCommand,
  ClassMessage,
  ClassNow,
  Followed,
  Wall,
} from "../../shared/classroom.ts";
import { Store, type Unsubscribe } from "./store.ts";

/** What a class needs of the link to the gateway. */
export interface ClassCarrier {
  /** False while there is no WebSocket. */
  sendClass(command: ClassCommand): boolean;
  onClass(follow: ClassFollower): Unsubscribe;
}

export interface ClassFollower {
  /** Everything the gateway says of a class. */
  heard(message: ClassMessage): void;
  /** After each welcome. */
  attached(): void;
  /** The WebSocket is gone: what was asked on it is not answered any more. */
  lost(): void;
}

/** What the wall is told, in the order it came. */
export interface WallFollower {
  wall(message: Wall): void;
  followed(message: Followed): void;
}

const AWAY = "The gateway cannot be reached now. Try again when the link is back.";
const CUT =
  "The link to the gateway was lost before it answered. Look whether it was done before you ask again.";

export class Classroom extends Store {
  readonly #carrier: ClassCarrier;
  #now: ClassNow | null = null;
  #asked = 0;
  readonly #answers = new Map<number, (problem: string | null) => void>();
  #follower: WallFollower | null = null;
  #student: string | null = null;

  constructor(carrier: ClassCarrier) {
    super();
    this.#carrier = carrier;
    carrier.onClass({
      heard: (message) => this.#heard(message),
      attached: () => this.#attached(),
      lost: () => this.#lost(),
    });
  }

  /** What was said last; null where there is no class, or nothing was said yet. */
  get now(): ClassNow | null {
    return this.#now;
  }

  /** Asks for something only a teacher may do. Resolves to null, or to a sentence that says why not. */
  steer(action: ClassAction): Promise<string | null> {
    const n = ++this.#asked;
    if (!this.#carrier.sendClass({ type: "steer", n, action })) return Promise.resolve(AWAY);
    return new Promise((resolve) => this.#answers.set(n, resolve));
  }

  /** Begins to follow the wall: all of it comes first, also after each new WebSocket. */
  watch(follower: WallFollower): Unsubscribe {
    this.#follower = follower;
    this.#ask();
    return () => {
      if (this.#follower !== follower) return;
      this.#follower = null;
      this.#student = null;
      this.#ask();
    };
  }

  /** Follows one student's conversation as well; null: nobody's. */
  follow(student: string | null): void {
    this.#student = student;
    this.#ask();
  }

  #ask(): void {
    const on = this.#follower !== null;
    this.#carrier.sendClass({ type: "wall", on, student: on ? this.#student : null });
  }

  #attached(): void {
    // A page that was brought back from the browser's cache has not seen it go.
    this.#lost();
    if (this.#follower) this.#ask();
  }

  /** Whether it was done nobody knows; asking again is for the person. */
  #lost(): void {
    for (const answer of this.#answers.values()) answer(CUT);
    this.#answers.clear();
  }

  #heard(message: ClassMessage): void {
    switch (message.type) {
      case "class":
        this.#now = message;
        return this.changed();
      case "steered":
        this.#answers.get(message.n)?.(message.problem ?? null);
        this.#answers.delete(message.n);
        return;
      case "wall":
        return this.#follower?.wall(message);
      case "followed":
        return this.#follower?.followed(message);
    }
  }
}
