/** Both sockets of a conversation as a reader asks for them: state, how it is known, what waits in them. */
import type { ConversationState, Side } from "../../shared/conversation.ts";
import type { TcpState } from "../../shared/tcp.ts";
import { type About, aboutState } from "./about.ts";
import type { Conversation } from "./conversation.ts";
import { bytes } from "./format.ts";
import { ownSocket } from "./wire.ts";

export interface SocketView {
  side: Side;
  name: string;
  /** null where there is no socket, or nobody can know. */
  state: TcpState | null;
  seen: boolean;
  figures: { name: string; value: string }[];
  about: About | null;
}

/** Seconds until TIME_WAIT of one end is over; null when it is in another state or nobody asked the kernel. */
export function timeWaitLeft(conversation: Conversation, side: Side, nowMs: number): number | null {
  const socket = conversation.state.kernel[side];
  if (!socket || socket.timeWaitMs === null) return null;
  const told = conversation.events.findLast(
    (event) => event.kind === "kernel" && event.side === side,
  );
  const toldAtMs = conversation.startedAt + (told?.at ?? 0) * 1000;
  return Math.max(0, (socket.timeWaitMs - (nowMs - toldAtMs)) / 1000);
}

/** @param nowMs milliseconds since 1970, by the clock that `startedAt` was read from. */
export function socketViews(conversation: Conversation | null, nowMs: number): SocketView[] {
  return [view(conversation, "near", nowMs), view(conversation, "far", nowMs)];
}

function view(conversation: Conversation | null, side: Side, nowMs: number): SocketView {
  const state = conversation?.state ?? null;
  const tcp = side === "near" ? ownSocket(state) : (state?.far ?? null);
  const seen = state?.kernel[side] != null;
  return {
    side,
    name: side === "near" ? "Your socket" : "Server socket",
    state: tcp,
    seen,
    figures: conversation && state ? figures(conversation, state, side, nowMs) : [],
    about: tcp && aboutState(tcp, side, seen),
  };
}

function figures(
  conversation: Conversation,
  { kernel }: ConversationState,
  side: Side,
  nowMs: number,
): SocketView["figures"] {
  const socket = kernel[side];
  if (!socket) return [];
  const left = timeWaitLeft(conversation, side, nowMs);
  if (left !== null) return [{ name: "Ends in", value: `${Math.ceil(left)} s` }];
  return [
    { name: "Unread", value: bytes(socket.unread) },
    { name: "Not acknowledged", value: bytes(socket.unsent) },
  ];
}
