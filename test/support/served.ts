/** Conversations that the page has as the server: a sample of everything, and any client's one turned round. */
import type { ConversationEvent, Direction, LabOptions } from "../../shared/conversation.ts";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import type { Recording } from "../../web/model/recording/recording.ts";
import { data, farData, recorded } from "./recordings.ts";

/** The page's end, at which it listens, and its visitor's. */
export const local = { host: "127.0.0.1", port: 9090 };
export const remote = { host: "127.0.0.1", port: 51402 };
const ends = { side: "near", local, remote } as const;

/** A visitor came, waited for so many seconds, and was accepted. */
export function visited(waited = 2.4): ConversationEvent[] {
  return [
    { kind: "arrival", at: 0, ...ends },
    { kind: "open", at: waited, ...ends },
  ];
}

export function option(at: number, options: Partial<LabOptions>): ConversationEvent {
  return { kind: "option", at, side: "near", options };
}

export function eof(
  at: number,
  direction: Direction,
  side: "near" | "far" = "near",
): ConversationEvent {
  return { kind: "eof", at, side, direction };
}

export function kernel(
  at: number,
  side: "near" | "far",
  state: TcpState,
  queues: Partial<KernelSocket> = {},
): ConversationEvent {
  const socket = { state, unread: 0, unsent: 0, timeWaitMs: null, ...queues };
  return { kind: "kernel", at, side, socket };
}

/** The tutorial's conversation from the server's table; the client hangs up, and then the page. */
export const served: Recording = recorded([
  ...visited(),
  data(2.4012, "out", 0, "Wake up, Neo"),
  data(6.2, "in", 0, "accepted"),
  option(8, { noDelay: true }),
  option(8.4, { reading: false }),
  data(9.1, "in", 8, "acc"),
  data(9.31, "in", 11, "epted"),
  option(10, { reading: true }),
  data(10.001, "out", 12, "The Matrix has you\n"),
  data(10.4, "out", 31, "Is anybody there?"),
  option(11, { delayMs: 200, pauseMs: 50 }),
  data(12.5, "in", 16, "accepted"),
  eof(14, "out"),
  data(15.2, "in", 24, "closed"),
  eof(15.9, "in"),
  { kind: "closed", at: 15.9, side: "near", by: "far" },
]);

/** The same kind of visit by another page of the gateway: its own calls and both kernels are seen. */
export const watched: Recording = recorded([
  ...visited(0.8),
  kernel(0.81, "near", "ESTABLISHED", { unread: 12 }),
  kernel(0.81, "far", "ESTABLISHED"),
  farData(0.9, "out", 0, 12),
  data(0.9012, "out", 0, "Wake up, Neo"),
  data(4.2, "in", 0, "accepted"),
  farData(4.2003, "in", 0, 8),
  farData(5.5, "out", 12, 5),
  farData(5.501, "out", 17, 18),
  data(5.5012, "out", 12, "FolloThe Matrix has you"),
  data(6.1, "in", 8, "Follow the white rabbit"),
  farData(6.1001, "in", 8, 16),
  farData(6.1002, "in", 24, 7),
  eof(8, "in"),
  kernel(8.0001, "near", "FIN_WAIT2"),
  kernel(8.0001, "far", "CLOSE_WAIT"),
  eof(8.0002, "in", "far"),
  farData(9.2, "out", 35, 3),
  data(9.2001, "out", 35, "bye"),
  { kind: "closed", at: 9.3, side: "far", by: "far" },
  eof(9.3002, "out"),
  { kind: "closed", at: 9.3003, side: "near", by: "near" },
  kernel(9.31, "near", "TIME_WAIT", { timeWaitMs: 59_990 }),
  kernel(9.31, "far", "CLOSED"),
]);

/** The client throws the connection away in the middle of an answer. */
export const torn: Recording = recorded([
  ...visited(0.1),
  data(0.2, "out", 0, "GET / HTTP/1.0\r\n\r\n"),
  data(0.6, "in", 0, "HTTP/1.0 200 OK\r\n"),
  { kind: "reset", at: 0.61, side: "near", direction: "out", code: "ECONNRESET", detail: "" },
]);

const turned: Record<Direction, Direction> = { out: "in", in: "out" };

/**
 * A client's conversation as the same calls would look if the page were the server: what went out
 * comes in. One event for each, but that nobody at the server's end sees connect(2): there it arrives.
 */
export function turnRound(event: ConversationEvent): ConversationEvent {
  switch (event.kind) {
    case "data":
    case "eof":
    case "reset":
      return { ...event, direction: turned[event.direction] };
    case "attempt":
      return { ...event, kind: "arrival" };
    default:
      return event;
  }
}
