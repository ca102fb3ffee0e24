/** Both sockets of a conversation as a reader asks for them: state, how it is known, what waits in them. */
import type { ConversationState, Side } from "../../shared/conversation.ts";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import { type About, aboutState } from "./about.ts";
import { socketName } from "./ends.ts";
import { bytes } from "./format.ts";
import { ownSocket } from "./wire.ts";

export interface SocketView {
  side: Side;
  name: string;
  /** null where there is no socket, or nobody can know. */
  state: TcpState | null;
  /** What the kernel last said of it; null where the state is derived. */
  kernel: KernelSocket | null;
  /** Bytes that wait in it, where the kernel told. */
  figures: { name: string; value: string }[];
  about: About | null;
}

export function socketViews(state: ConversationState | null): SocketView[] {
  return [view(state, "near"), view(state, "far")];
}

function view(state: ConversationState | null, side: Side): SocketView {
  const tcp = side === "near" ? ownSocket(state) : (state?.far ?? null);
  const kernel = state?.kernel[side] ?? null;
  return {
    side,
    name: socketName(side, state?.role ?? "client"),
    state: tcp,
    kernel,
    figures: kernel && kernel.timeWaitMs === null ? figures(kernel) : [],
    about: tcp && aboutState(tcp, side, kernel !== null, state?.role),
  };
}

function figures({ unread, unsent }: KernelSocket): SocketView["figures"] {
  return [
    { name: "Unread", value: bytes(unread) },
    { name: "Not acknowledged", value: bytes(unsent) },
  ];
}
