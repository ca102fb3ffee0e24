/** One class as a gateway sees it. What the class is lies on the bus; this puts the parts together that know what it means. */
import type {
  ClassAction,
  Followed,
  WallMark,
  Wall as WallMessage,
} from "../../shared/classroom.ts";
import type { Bus } from "./bus.ts";
import { Changes } from "./changes.ts";
import { chatOver } from "./chat-lines.ts";
import { classIdOf } from "./class-id.ts";
import { onBoard } from "./code.ts";
import { Directory, SERVED } from "./directory.ts";
import { Effects } from "./effects.ts";
import { Entrance } from "./entrance.ts";
import { Feeds } from "./feeds.ts";
import { Peers } from "./peers.ts";
import { Roster } from "./roster.ts";
import { ClassState } from "./state.ts";
import { stateFor } from "./state-for.ts";
import { steer } from "./steering.ts";
import type {
  ClassEffect,
  Classroom,
  ClassSettings,
  Identity,
  Joined,
  ServedPort,
  StudentNow,
} from "./types.ts";
import { Wall } from "./wall.ts";

export interface ClassroomOptions {
  settings: ClassSettings;
  /** This gateway's way to the others of the class; it is the classroom's to close. */
  bus: Bus;
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
  /** How long students of a gateway that is gone are shown away before they are gone too. Default: 10 s. */
  lostMs?: number;
}

const LOST_MS = 10_000;

/** Takes part in a class: the one that is on the bus, or a new one if there is none, or only one that was ended. */
export async function openClassroom(options: ClassroomOptions): Promise<Classroom> {
  const state = new ClassState(options.bus);
  if (state.isOn("ended") && options.bus.others.length === 0) state.wipe();
  await state.settle();
  return new GatewayClassroom(options, state);
}

class GatewayClassroom implements Classroom {
  readonly id: string;
  readonly name: string;
  readonly gateway: string;
  readonly chat: Classroom["chat"];
  readonly sessions: Classroom["sessions"];
  readonly #settings: ClassSettings;
  readonly #bus: Bus;
  readonly #state: ClassState;
  readonly #roster: Roster;
  readonly #entrance: Entrance;
  readonly #wall: Wall;
  readonly #feeds: Feeds;
  readonly #directory: Directory;
  readonly #peers: Peers;
  readonly #effects: Effects;
  readonly #changes = new Changes();

  constructor(
    { settings, bus, now = Date.now, lostMs = LOST_MS }: ClassroomOptions,
    state: ClassState,
  ) {
    this.id = classIdOf(settings.name);
    this.name = settings.name;
    this.gateway = bus.me;
    this.#settings = settings;
    this.#bus = bus;
    this.#state = state;
    this.#roster = new Roster(bus, now);
    this.#entrance = new Entrance(settings, state, this.#roster, now);
    this.#directory = new Directory(bus);
    this.#feeds = new Feeds(bus);
    this.#wall = new Wall({
      me: bus.me,
      now,
      students: () => this.#roster.present,
      isFrozen: (student) => state.isFrozen(student),
      namesHidden: () => state.isOn("names-hidden"),
      listening: () => this.#directory.listening,
      publish: (sightings) => this.#peers.tell(sightings),
    });
    this.#peers = new Peers({ bus, wall: this.#wall, roster: this.#roster, lostMs });
    this.#effects = new Effects(bus);
    this.chat = chatOver(bus);
    this.sessions = {
      here: (sid, on) => this.#directory.here(sid, on),
      find: async (sid) => this.#directory.find(sid),
      reachableAt: (url) => this.#directory.reachableAt(url),
    };
    bus.listen({
      changed: (table, key) => this.#changed(table, key),
      held: (table) => {
        if (table !== SERVED) return;
        this.#wall.refresh();
        this.#changes.tell();
      },
      arrived: () => this.#changes.tell(),
      left: () => this.#changes.tell(),
      online: () => this.#changes.tell(),
    });
  }

  get code(): string {
    return this.#state.secret("code");
  }
  get board(): string {
    return onBoard(this.code);
  }
  get teacherSecret(): string {
    return this.#state.secret("teacher");
  }
  get watchSecret(): string {
    return this.#state.secret("watch");
  }
  get locked(): boolean {
    return this.#state.isOn("locked");
  }
  get ended(): boolean {
    return this.#state.isOn("ended");
  }
  get online(): boolean {
    return this.#bus.online;
  }
  get others(): number {
    return this.#bus.others.length;
  }
  get frozen(): string[] {
    return this.#state.frozen;
  }
  get added(): string[] {
    return this.#state.added;
  }
  get served(): ServedPort[] {
    return this.#directory.served.filter(({ student }) => this.#roster.all.has(student));
  }

  identify(pass: string): Identity | null {
    return this.#entrance.identify(pass);
  }
  join(request: Parameters<Classroom["join"]>[0]): Promise<Joined> {
    return this.#entrance.join(request);
  }
  admit(secret: string, address: string): ReturnType<Classroom["admit"]> {
    return this.#entrance.admit(secret, address);
  }

  async steer(identity: Identity, action: ClassAction): Promise<string | null> {
    const on = {
      state: this.#state,
      roster: this.#roster,
      isHere: (student: string) => this.#wall.isHere(student),
      effect: (effect: ClassEffect) => this.#effects.everywhere(effect),
    };
    return steer(on, identity, action);
  }

  stateFor(identity: Identity): ReturnType<Classroom["stateFor"]> {
    return stateFor(identity, this.#settings, this.#state, this.#roster);
  }

  isFrozen(student: string): boolean {
    return this.#state.isFrozen(student);
  }
  nameOf(student: string): string | null {
    return this.#roster.all.get(student)?.name ?? null;
  }
  hasName(name: string): boolean {
    return this.#roster.hasName(name);
  }
  onChange(listener: () => void): () => void {
    return this.#changes.listen(listener);
  }
  onEffect(listener: (effect: ClassEffect) => void): () => void {
    return this.#effects.listen(listener);
  }

  report(student: string, now: StudentNow, marks: readonly WallMark[]): void {
    if (!this.#roster.all.has(student)) return;
    if (now.here) this.#roster.revive(student);
    this.#wall.report(student, now, marks);
    this.#feeds.seen(student);
  }
  serve(ports: readonly Omit<ServedPort, "gateway">[]): void {
    this.#directory.serve(ports);
    this.#wall.refresh();
  }
  watch(identity: Identity, follow: (wall: WallMessage) => void): () => void {
    if (identity.role !== "teacher" && identity.role !== "watch") return () => {};
    return this.#wall.watch(follow);
  }
  follow(student: string, take: (followed: Followed) => void): () => void {
    return this.#feeds.follow(student, take);
  }
  feed(source: Parameters<Classroom["feed"]>[0]): void {
    this.#feeds.setSource(source);
  }

  async close(): Promise<void> {
    this.#peers.close();
    this.#feeds.close();
    this.#wall.close();
    await this.#bus.close();
  }

  #changed(table: string, key: string): void {
    if (table === "class" && key === "cleared") this.#wall.clear();
    this.#wall.refresh();
    this.#changes.tell();
  }
}
