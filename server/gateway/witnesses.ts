/** The witnesses of one session: of its channels, and of those that are over and may still be seen. */
import type { Hello } from "../../shared/protocol.ts";
import type { Recording } from "./recording.ts";
import type { Sight } from "./sight.ts";
import { Witness, type Witnessed, type WitnessOwner } from "./witness.ts";

type Seen = NonNullable<NonNullable<Hello["resume"]>["seen"]>;

/** What the witnesses of a session need of it. */
export interface WitnessesOwner extends Omit<WitnessOwner, "gone"> {
  readonly channelCount: number;
  /** Whether that channel lives. */
  isOpen(ch: number): boolean;
}

/** Connections that are over and still seen, at most. */
const MAX_AFTERMATHS = 16;

export class Witnesses {
  readonly #owner: WitnessesOwner;
  readonly #sight: Sight;
  /** The oldest first. */
  readonly #witnesses = new Map<number, Witness>();
  #looking = false;

  constructor(owner: WitnessesOwner, sight: Sight) {
    this.#owner = owner;
    this.#sight = sight;
  }

  of({ id }: { id: number }): Witness | undefined {
    return this.#witnesses.get(id);
  }

  /** Begins to see what happens around a channel. */
  add(channel: Witnessed, recording: Recording | null = null): Witness {
    // A number is used again after very many channels: what it named before is history.
    this.#drop(this.of(channel));
    const owner = this.#owner;
    const witness = new Witness(
      channel,
      {
        get attached() {
          return owner.attached;
        },
        get behind() {
          return owner.behind;
        },
        clockAt: (now) => owner.clockAt(now),
        send: (message) => owner.send(message),
        gone: (it) => this.#drop(it),
      },
      this.#sight,
      recording,
    );
    this.#witnesses.set(channel.id, witness);
    witness.look(this.#looking);
    if (this.#witnesses.size > owner.channelCount + MAX_AFTERMATHS) {
      this.#drop([...this.#witnesses.values()].find(({ id }) => !owner.isOpen(id)));
    }
    return witness;
  }

  /** Whether somebody looks at the page: only then the kernel is asked. */
  look(on: boolean): void {
    this.#looking = on;
    for (const witness of [...this.#witnesses.values()]) witness.look(on);
  }

  /** Forgets those that a page which comes back does not watch any more. */
  keep(seen: ReadonlySet<number>): void {
    for (const witness of [...this.#witnesses.values()]) {
      if (!seen.has(witness.id)) this.#drop(witness);
    }
  }

  /** Channels of which something can still be seen, living or over. */
  get ids(): number[] {
    return [...this.#witnesses.keys()];
  }

  /** What the page knows of each. */
  resume(seen: Seen): void {
    for (const { ch, far } of seen) this.#witnesses.get(ch)?.resume(far);
  }

  /** Tells a page that has come back what it does not know. */
  flush(): void {
    for (const [id, witness] of [...this.#witnesses]) {
      if (!this.#owner.isOpen(id)) witness.channelOver();
      witness.flush();
    }
  }

  /** Sees nothing any more. */
  stop(): void {
    this.keep(new Set());
  }

  #drop(witness: Witness | undefined): void {
    witness?.stop();
    if (witness && this.#witnesses.get(witness.id) === witness) this.#witnesses.delete(witness.id);
  }
}
