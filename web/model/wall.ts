/** The wall of a class as the projector shows it: everyone in seat order, in pages, and one student large. */
import type { Followed, Wall as WallMessage } from "../../shared/classroom.ts";
import type { Classroom } from "./classroom.ts";
import { Store, type Unsubscribe } from "./store.ts";
import { type FollowedNow, FollowedReader } from "./wall-followed.ts";
import { News } from "./wall-news.ts";
import { type Page, Pages } from "./wall-pages.ts";
import { type Counts, count, type Student, WallRows } from "./wall-rows.ts";
import { nameOf } from "./wall-words.ts";

/** Where the wall's time comes from. */
export interface WallClock {
  /** Milliseconds since 1970, by the page's clock. */
  now(): number;
  /** Calls `run` once, soon: at the next frame of a page. */
  soon(run: () => void): void;
}

/** What the wall asks of the class. */
export type WallSource = Pick<Classroom, "watch" | "follow">;

type Message = WallMessage | Followed;

/** Messages that wait for a frame, at most: in a hidden tab there is none for a long time. */
const MOST_WAITING = 500;
/** Lines of the large student that are kept while the wall stands still; if more come it is asked for anew. */
const MOST_HELD_LINES = 5_000;

/** What came while the wall stood still. `held`: of the large student; null when that was too much. */
interface Pause {
  at: number;
  changes: number;
  held: Followed[] | null;
}

export class Wall extends Store {
  readonly #source: WallSource;
  readonly #clock: WallClock;
  readonly #rows = new WallRows();
  readonly #pages = new Pages<Student>();
  readonly #news = new News();
  readonly #reader = new FollowedReader();
  #waiting: Message[] = [];
  /** The wall as it is, or as it was when it was paused. */
  #shown: readonly Student[] = [];
  #counts: Counts = count([]);
  #known = false;
  /** Somebody has chosen a page: it does not turn by itself. */
  #held = false;
  #chosen: string | null = null;
  #pause: Pause | null = null;
  /** The gateway's clock minus the page's, in milliseconds; null before anything came. */
  #offset: number | null = null;
  /** What is missing of the followed one has been asked for. */
  #askedAgain = false;

  constructor(source: WallSource, clock: WallClock) {
    super();
    this.#source = source;
    this.#clock = clock;
  }

  /** Begins to follow the class. @returns stops. */
  start(): Unsubscribe {
    const take = (message: Message) => this.#take(message);
    const stop = this.#source.watch({ wall: take, followed: take });
    if (this.#chosen !== null) this.#source.follow(this.#chosen);
    return stop;
  }

  /** Everybody, by seat. */
  get students(): readonly Student[] {
    return this.#shown;
  }
  /** False until the gateway has told who is there. */
  get known(): boolean {
    return this.#known;
  }
  /** Of everybody, whatever page is shown. */
  get counts(): Counts {
    return this.#counts;
  }
  get page(): Page<Student> {
    return this.#pages.now;
  }
  get news(): News["items"] {
    return this.#news.items;
  }
  /** What somebody is called who is, or was, on the wall. */
  nameOf({ id, seat }: Pick<Student, "id" | "seat">, hidden: boolean): string {
    return nameOf({ name: hidden ? "" : this.#news.nameOf(id), seat });
  }
  /** The student who is shown large. */
  get chosen(): Student | null {
    return this.#shown.find(({ id }) => id === this.#chosen) ?? null;
  }
  /** The chosen one's conversation; null while there is none. */
  get followed(): FollowedNow | null {
    const { now } = this.#reader;
    return now?.student === this.#chosen ? now : null;
  }
  get paused(): boolean {
    return this.#pause !== null;
  }
  /** Changes that wait until the wall goes on. */
  get changesWaiting(): number {
    return this.#pause?.changes ?? 0;
  }
  /** True while pages turn by themselves. */
  get turns(): boolean {
    return this.page.pages > 1 && !this.#held && this.#chosen === null && !this.#pause;
  }
  /** Milliseconds since 1970, by the gateway's clock; stands still while the wall does. */
  get now(): number {
    return this.#pause?.at ?? this.#gatewayNow();
  }

  /** How many students fit on a page. */
  fit(size: number): void {
    if (!this.#pages.fit(size)) return;
    this.#showChosen();
    this.changed();
  }

  /** The next page by itself. */
  turn(): void {
    if (!this.turns) return;
    this.#pages.turn(1);
    this.changed();
  }

  /** A page that a person chose: it stays. */
  turnTo(step: 1 | -1): void {
    this.#held = true;
    this.#pages.turn(step);
    this.changed();
  }

  /** Shows a student large; null: nobody. */
  choose(student: string | null): void {
    if (student === this.#chosen) return;
    this.#chosen = student;
    this.#askedAgain = false;
    this.#reader.forget();
    if (this.#pause) this.#pause.held = [];
    this.#source.follow(student);
    this.#showChosen();
    this.changed();
  }

  /** The next student, or the one before, round the end; the first where nobody is chosen. */
  next(step: 1 | -1 = 1): void {
    const { length } = this.#shown;
    if (length === 0) return;
    const at = this.#shown.findIndex(({ id }) => id === this.#chosen);
    const start = at < 0 && step < 0 ? 0 : at;
    this.choose(this.#shown[(start + step + length) % length]?.id ?? null);
  }

  /** Nobody is shown large, and pages turn by themselves again. */
  back(): void {
    this.#held = false;
    this.choose(null);
    this.changed();
  }

  /** The picture stands still; what comes is kept. */
  pause(): void {
    if (this.#pause) return;
    this.#drain();
    this.#pause = { at: this.#gatewayNow(), changes: 0, held: [] };
    this.changed();
  }

  /** What was kept is shown. */
  resume(): void {
    this.#drain();
    const pause = this.#pause;
    if (!pause) return;
    this.#pause = null;
    this.#show();
    if (pause.held) for (const message of pause.held) this.#follow(message);
    else this.#source.follow(this.#chosen);
    this.changed();
  }

  /** What has happened so far is no news any more. */
  forgetNews(): void {
    this.#news.clear();
    this.changed();
  }

  #gatewayNow(): number {
    return this.#clock.now() + (this.#offset ?? 0);
  }

  #take(message: Message): void {
    if (message.type === "wall") this.#compareClocks(message);
    this.#waiting.push(message);
    if (this.#waiting.length === 1) this.#clock.soon(() => this.#drain());
    else if (this.#waiting.length >= MOST_WAITING) this.#drain();
  }

  /** The message that was under way for the shortest time tells best. */
  #compareClocks({ at, whole }: WallMessage): void {
    const offset = at - this.#clock.now();
    this.#offset = whole ? offset : Math.max(this.#offset ?? offset, offset);
  }

  /** Everything that came since the last frame, as one change. */
  #drain(): void {
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    let changes = 0;
    for (const message of messages) {
      if (message.type === "wall") changes += this.#rows.apply(message);
      else if (message.student === this.#chosen) changes += this.#followOrHold(message);
    }
    if (this.#pause) this.#pause.changes += changes;
    else this.#show();
    this.changed();
  }

  /** @returns how many changes wait because of it. */
  #followOrHold(message: Followed): number {
    const pause = this.#pause;
    // Of a student who is chosen while the wall stands still, all that was is shown.
    if (!pause || (message.whole && !this.followed)) {
      this.#follow(message);
      return 0;
    }
    if (message.whole) pause.held = [];
    pause.held?.push(message);
    const lines = pause.held?.reduce((sum, held) => sum + held.lines.length, 0) ?? 0;
    if (lines > MOST_HELD_LINES) pause.held = null;
    return 1;
  }

  #follow(message: Followed): void {
    const complete = this.#reader.take(message);
    if (message.whole) this.#askedAgain = !complete;
    if (complete || this.#askedAgain) return;
    // Something is missing in between: all of it, once more.
    this.#askedAgain = true;
    this.#source.follow(this.#chosen);
  }

  /** Takes over what the gateway has told. */
  #show(): void {
    const before = this.#known ? this.#shown : null;
    this.#known ||= this.#rows.told;
    this.#shown = this.#rows.inOrder;
    if (before === this.#shown) return;
    this.#news.compare(before, this.#shown, this.#gatewayNow());
    this.#counts = count(this.#shown);
    this.#pages.set(this.#shown);
    if (this.#chosen !== null && this.chosen === null) this.back();
  }

  #showChosen(): void {
    if (this.#chosen !== null)
      this.#pages.show(this.#shown.findIndex(({ id }) => id === this.#chosen));
  }
}
