/** From counts that begin anew with no WebSocket to what happened since they were told last. */
import type { ConversationEvent } from "./conversation.ts";
import { failureOfCode } from "./errors.ts";
import type { DatagramsMessage } from "./protocol.ts";

type News = ConversationEvent extends infer E
  ? E extends { kind: "undelivered" | "dropped" }
    ? Omit<E, "at" | "side">
    : never
  : never;

export class DatagramNews {
  #known = { undelivered: 0, dropped: 0, droppedBytes: 0, empty: 0 };

  /** These were told already, by whoever was there before. */
  startFrom(events: readonly ConversationEvent[]): void {
    const known = { undelivered: 0, dropped: 0, droppedBytes: 0, empty: 0 };
    for (const event of events) {
      if (event.kind === "undelivered") known.undelivered += event.count;
      if (event.kind !== "dropped") continue;
      if (event.why === "empty") known.empty += event.count;
      else known.dropped += event.count;
      known.droppedBytes += event.bytes;
    }
    this.#known = known;
  }

  /** What has happened since the message before; nothing for one that says the same again. */
  since(message: Omit<DatagramsMessage, "type" | "ch" | "at">): News[] {
    const { undelivered, dropped, droppedBytes, empty } = message;
    const before = this.#known;
    this.#known = { undelivered, dropped, droppedBytes, empty };
    const news: News[] = [];
    const lost = undelivered - before.undelivered;
    if (lost > 0) {
      news.push({ kind: "undelivered", count: lost, code: failureOfCode(message.code) });
    }
    const full = dropped - before.dropped;
    if (full > 0) {
      const bytes = droppedBytes - before.droppedBytes;
      news.push({ kind: "dropped", why: "full", count: full, bytes });
    }
    const hollow = empty - before.empty;
    if (hollow > 0) news.push({ kind: "dropped", why: "empty", count: hollow, bytes: 0 });
    return news;
  }
}
