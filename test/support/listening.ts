/** A listening socket of a page's link, with everything that was told of it and a way to wait for it. */
import type { Address } from "../../shared/address.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import type { Link } from "../../web/link.ts";
import type {
  DoorView,
  Guest,
  Listener,
  ListenFailure,
  ListenOptions,
} from "../../web/model/carrier.ts";
import { Talker, type TalkerOptions } from "./wire.ts";

export interface HostOptions extends Partial<ListenOptions> {
  address?: Address;
  /** For each conversation. */
  talker?: TalkerOptions;
  /** Called with each conversation as it begins. */
  onGuest?: (talker: Talker) => void;
}

const EMPTY: DoorView = { waiting: [], refused: 0, left: 0, accepted: 0, blocked: null };

/** A page that listens: by default on any free port of 127.0.0.1, with 5 places and accepting by hand. */
export class Host {
  readonly listener: Listener;
  local: Endpoint | null = null;
  options: ListenOptions | null = null;
  doors: DoorView[] = [];
  guests: (Guest & { talker: Talker })[] = [];
  failure: ListenFailure | null | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(link: Link, options: HostOptions = {}) {
    const { backlog = 5, atOnce = false } = options;
    const address = options.address ?? { scheme: "tcp", host: "127.0.0.1", port: 0 };
    this.listener = link.listen(
      address,
      { backlog, atOnce },
      {
        listening: (local, now) => this.#note(() => Object.assign(this, { local, options: now })),
        door: (door) => this.#note(() => this.doors.push(door)),
        accepted: (guest, start) =>
          this.#note(() => {
            const talker = new Talker(start, 0, options.talker);
            this.guests.push({ ...guest, talker });
            options.onGuest?.(talker);
          }),
        over: (failure) => this.#note(() => Object.assign(this, { failure })),
      },
    );
  }

  get port(): number {
    return this.local?.port ?? 0;
  }
  get door(): DoorView {
    return this.doors.at(-1) ?? EMPTY;
  }
  get isOver(): boolean {
    return this.failure !== undefined;
  }

  /** Resolves once it listens, with itself; rejects when it cannot. */
  async listening(): Promise<this> {
    await this.when(() => this.local !== null || this.isOver);
    if (this.isOver) throw new Error(`cannot listen: ${JSON.stringify(this.failure)}`);
    return this;
  }

  /** Resolves with the conversation with the visitor of that number, counted by acceptance from 0. */
  async guest(index: number): Promise<Talker> {
    await this.when(() => this.guests.length > index);
    return (this.guests[index] as Guest & { talker: Talker }).talker;
  }

  /** Resolves once `condition` holds. */
  when(condition: (host: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition(this)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #note(change: () => unknown): void {
    change();
    for (const check of [...this.#waiting]) check();
  }
}
