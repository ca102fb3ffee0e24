/** A carrier whose connection does what a test says, for what needs no gateway. */
import type { Address } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type {
  Carrier,
  Channel,
  LinkStatus,
  Listener,
  ListenFollower,
  ListenOptions,
} from "../../web/model/carrier.ts";

export class MemoryCarrier implements Carrier {
  readonly status: LinkStatus = {
    phase: "live",
    since: 0,
    resumes: 0,
    failure: null,
    graceMs: 60_000,
    roundTripMs: null,
    platform: "linux",
    maxChannels: 16,
    serving: null,
    servers: [],
    student: null,
  };
  /** How often a connection was asked for. */
  dialled = 0;
  /** What was sent, as text. */
  readonly sent: string[] = [];
  #follow: (event: ConversationEvent) => void = () => {};

  subscribe(_listener: () => void): () => void {
    return () => {};
  }

  open(_address: Address, follow: (event: ConversationEvent) => void): Channel {
    this.dialled++;
    this.#follow = follow;
    return {
      pendingBytes: 0,
      ending: false,
      send: (bytes) => void this.sent.push(new TextDecoder().decode(bytes)),
      shutdown: () => {},
      close: () => {},
      abort: () => {},
      unsend: () => 0,
      configure: () => {},
      consumed: () => {},
    };
  }

  listen(_address: Address, _options: ListenOptions, _follow: ListenFollower): Listener {
    throw new Error("what needs no gateway does not listen");
  }

  /** These events happen to the connection. */
  happen(...events: ConversationEvent[]): void {
    for (const event of events) this.#follow(event);
  }
}
