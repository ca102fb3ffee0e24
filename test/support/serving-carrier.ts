/** A memory carrier that also listens: a test says who comes to the door, and what they do. */
import type { Address } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type {
  Channel,
  DoorView,
  Listener,
  ListenFollower,
  ListenOptions,
} from "../../web/model/carrier.ts";
import { MemoryCarrier } from "./memory-carrier.ts";

export const HERE = { host: "127.0.0.1", port: 9090 };
const encoder = new TextEncoder();

/** One who was accepted, and the page's channel to it. */
export class MemoryVisitor {
  readonly n: number;
  /** What the page sent to it, as text. */
  readonly got: string[] = [];
  /** How the page ended it. */
  ended: "no" | "closed" | "reset" = "no";
  /** Bytes that the page has said it used up. */
  consumed = 0;
  /** While true nothing that is sent leaves the page. */
  blocked = false;
  readonly remote: { host: string; port: number };
  readonly #transport: "tcp" | "udp";
  #follow: (event: ConversationEvent) => void = () => {};
  #onPending = () => {};
  #pending: Uint8Array[] = [];
  #read = 0;
  #sent = 0;

  constructor(n: number, transport: "tcp" | "udp") {
    this.n = n;
    this.#transport = transport;
    this.remote = { host: "127.0.0.1", port: 40_000 + n };
  }

  readonly start = (follow: (event: ConversationEvent) => void, onPending: () => void): Channel => {
    this.#follow = follow;
    this.#onPending = onPending;
    const ends = { local: HERE, remote: this.remote, side: "near" } as const;
    const transport = this.#transport;
    follow({ kind: "arrival", at: 0, ...ends, ...(transport === "udp" && { transport }) });
    follow({ kind: "open", at: 0, ...ends });
    const visitor = this;
    return {
      get pendingBytes() {
        return visitor.#pending.reduce((sum, bytes) => sum + bytes.length, 0);
      },
      get ending() {
        return visitor.ended !== "no";
      },
      send: (bytes) => {
        this.#pending.push(bytes);
        if (!this.blocked) this.take();
      },
      shutdown: () => {},
      close: () => {
        this.ended = "closed";
      },
      abort: () => {
        this.ended = "reset";
      },
      unsend: () => 0,
      configure: () => {},
      consumed: (length) => {
        this.consumed += length;
      },
    };
  };

  /** Its beginning was told to an earlier load of the page: what happens from now on goes there. */
  goesOnWith(follow: (event: ConversationEvent) => void): void {
    this.#follow = follow;
  }

  /** It sends bytes; the page reads them at once. */
  says(text: string | Uint8Array): void {
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    const { length } = bytes;
    const offset = this.#sent;
    this.#sent += length;
    this.#follow({ kind: "data", at: 1, side: "near", direction: "out", offset, length, bytes });
  }

  hangsUp(): void {
    this.#follow({ kind: "eof", at: 2, side: "near", direction: "out" });
  }

  /** Both directions are over. */
  isOver(): void {
    this.#follow({ kind: "closed", at: 3, side: "near", by: "far" });
  }

  /** The gateway's kernel takes everything that was sent. */
  take(): void {
    for (const bytes of this.#pending.splice(0)) {
      const { length } = bytes;
      const offset = this.#read;
      this.#read += length;
      this.got.push(new TextDecoder().decode(bytes));
      this.#follow({ kind: "data", at: 1, side: "near", direction: "in", offset, length, bytes });
    }
    this.#onPending();
  }
}

export class ServingCarrier extends MemoryCarrier {
  /** What was asked of the gateway, in order. */
  readonly asked: string[] = [];
  follow: ListenFollower | null = null;
  #visitors = 0;
  #watchers = new Set<() => void>();

  override subscribe(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** The link is in another phase now. */
  become(phase: MemoryCarrier["status"]["phase"]): void {
    Object.assign(this.status, { phase });
    for (const watcher of this.#watchers) watcher();
  }

  override listen(address: Address, options: ListenOptions, follow: ListenFollower): Listener {
    this.asked.push(`listen ${address.host}:${address.port} ${options.backlog}`);
    this.follow = follow;
    return {
      configure: ({ backlog, atOnce }) => void this.asked.push(`configure ${backlog} ${atOnce}`),
      accept: () => void this.asked.push("accept"),
      stop: () => void this.asked.push("stop"),
    };
  }

  /** The door now, with so many waiting. */
  door(waiting: number, more: Partial<DoorView> = {}): void {
    const at = (i: number) => ({ host: "127.0.0.1", port: 41_000 + i });
    this.follow?.door({
      waiting: Array.from({ length: waiting }, (_, i) => ({
        n: i + 1,
        remote: at(i),
        since: 0,
        unread: 0,
        ended: false,
      })),
      refused: 0,
      left: 0,
      accepted: 0,
      blocked: null,
      ...more,
    });
  }

  /** Somebody is accepted, or a peer taken in; the next in number unless that is said. */
  accept(transport: "tcp" | "udp" = "tcp", number = this.#visitors + 1): MemoryVisitor {
    this.#visitors = number;
    const visitor = new MemoryVisitor(number, transport);
    const { n, remote, start } = visitor;
    const fd = transport === "tcp" ? 20 + n : null;
    this.follow?.accepted({ n, local: HERE, remote, fd, transport }, start);
    return visitor;
  }
}
