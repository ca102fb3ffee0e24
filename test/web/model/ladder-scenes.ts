/** Conversations to look at as ladders: written as short as they can be, with texts for bytes. */
import { parseAddress } from "../../../shared/address.ts";
import type { ConversationEvent, Direction, Side } from "../../../shared/conversation.ts";
import type { FailureCode } from "../../../shared/errors.ts";
import type { KernelSocket, TcpState } from "../../../shared/tcp.ts";
import { Conversation } from "../../../web/model/conversation.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import type { LadderRow, LadderShape } from "../../../web/model/ladder-shapes.ts";

const parsed = parseAddress("tcp://127.0.0.1:8000");
if (!parsed.ok) throw new Error(parsed.problem);

export const local = { host: "127.0.0.1", port: 51234 };
export const remote = { host: "127.0.0.1", port: 8000 };

/** A conversation in the making: each call adds an event at the time that was last set. */
export class Script {
  readonly events: ConversationEvent[] = [];
  readonly #ends: Record<string, number> = {};
  #at = 0;

  at(seconds: number): this {
    this.#at = seconds;
    return this;
  }

  opening(): this {
    if (!parsed.ok) return this;
    return this.add({ kind: "opening", address: parsed.address });
  }
  attempt(port = remote.port): this {
    return this.add({ kind: "attempt", local, remote: { ...remote, port } });
  }
  open(): this {
    return this.add({ kind: "open", local, remote });
  }
  accept(): this {
    return this.add({ kind: "open", local: remote, remote: local }, "far");
  }
  /** Opening, attempt and open at once. */
  connected(): this {
    return this.opening().attempt().open();
  }
  send(text: string): this {
    return this.#data("near", "out", text.length, new TextEncoder().encode(text));
  }
  read(text: string): this {
    return this.#data("near", "in", text.length, new TextEncoder().encode(text));
  }
  /** The server's recv and its send. */
  farRecv(length: number, calls?: number): this {
    return this.#data("far", "out", length, new Uint8Array(), calls);
  }
  farSend(length: number, calls?: number): this {
    return this.#data("far", "in", length, new Uint8Array(), calls);
  }
  eof(direction: Direction, side: Side = "near"): this {
    return this.add({ kind: "eof", direction }, side);
  }
  reset(direction: Direction, code: FailureCode = "ECONNRESET"): this {
    return this.add({ kind: "reset", direction, code, detail: "" });
  }
  error(code: FailureCode): this {
    return this.add({ kind: "error", code, detail: "" });
  }
  closed(by: Side, side: Side = "near"): this {
    return this.add({ kind: "closed", by }, side);
  }
  link(link: "lost" | "resumed"): this {
    return this.add({ kind: "state", link });
  }
  kernel(side: Side, state: TcpState, queues: Partial<KernelSocket> = {}): this {
    const socket = { state, unread: 0, unsent: 0, timeWaitMs: null, ...queues };
    return this.add({ kind: "kernel", socket }, side);
  }

  conversation(): Conversation {
    const conversation = new Conversation(0);
    for (const event of this.events) conversation.append(event);
    return conversation;
  }
  ladder(): Ladder {
    return new Ladder(this.conversation());
  }

  add(happening: Happening, side: Side = "near"): this {
    this.events.push({ ...happening, at: this.#at, side } as ConversationEvent);
    return this;
  }

  #data(side: Side, direction: Direction, length: number, bytes: Uint8Array, calls?: number): this {
    const key = side + direction;
    const offset = this.#ends[key] ?? 0;
    this.#ends[key] = offset + length;
    const many = calls === undefined ? {} : { calls };
    return this.add({ kind: "data", direction, offset, length, bytes, ...many }, side);
  }
}

type Happening = ConversationEvent extends infer E
  ? E extends ConversationEvent
    ? Omit<E, "at" | "side">
    : never
  : never;

/** The tutorial's conversation as the design draws it: the server reads at most 16 bytes at a time. */
export function tutorial(): Script {
  return new Script()
    .opening()
    .attempt()
    .at(0.0004)
    .open()
    .at(4.212)
    .send("Wake up, Neo")
    .farRecv(12)
    .at(4.213)
    .farSend(8)
    .read("accepted")
    .at(11.87)
    .send("Follow the white rabbit")
    .farRecv(16)
    .at(11.871)
    .farSend(8)
    .farRecv(7)
    .farSend(8)
    .read("acceptedaccepted")
    .at(18.402)
    .send("close")
    .farRecv(5)
    .at(18.403)
    .farSend(6)
    .read("closed")
    .at(18.404)
    .closed("near", "far")
    .eof("in")
    .kernel("near", "CLOSE_WAIT")
    .kernel("far", "FIN_WAIT2");
}

/** The shapes of one kind in a row. */
export function shapes<K extends LadderShape["kind"]>(
  row: LadderRow | undefined,
  kind: K,
): Extract<LadderShape, { kind: K }>[] {
  const all = row?.shapes ?? [];
  return all.filter((shape) => shape.kind === kind) as Extract<LadderShape, { kind: K }>[];
}

/** A ladder as words, one line a row: what each row is about. */
export function outline(ladder: Ladder): string[] {
  return ladder.rows.map((row) => {
    const words: string[] = [];
    for (const shape of row.shapes) {
      if (shape.kind === "idle") words.unshift(`(${shape.text})`);
      if (shape.kind === "time") words.unshift(shape.text);
      if (shape.kind === "quote" || shape.kind === "note" || shape.kind === "bundle")
        words.push(shape.text);
      if (shape.kind === "block")
        words.push(`${shape.column} ${[shape.label, shape.late ?? []].flat().join(" ")}`);
      if (shape.kind === "packet") words.push(shape.seen ? shape.label : `~${shape.label}`);
      if (shape.kind === "call") words.push(`${shape.column}:${shape.text}`);
      if (shape.kind === "state")
        words.push(`${shape.column}=${shape.state}${shape.seen ? "" : "?"}`);
    }
    return words.join(" | ");
  });
}
