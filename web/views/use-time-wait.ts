/** How long TIME_WAIT still lasts, counted down between two words of the kernel. */
import type { KernelSocket } from "../../shared/tcp.ts";
import { useNow } from "./use-store.ts";

/** When each word of the kernel was first shown, by performance.now(). */
const shownAt = new WeakMap<KernelSocket, number>();

/**
 * Whole seconds left; null when the socket is not in TIME_WAIT, or nobody asked the kernel.
 * @param live false in a recording, where time passed long ago: then it is what the kernel said.
 */
export function useTimeWait(socket: KernelSocket | null | undefined, live: boolean): number | null {
  const lasts = socket?.state === "TIME_WAIT" ? socket.timeWaitMs : null;
  const now = useNow(1000, live && lasts !== null);
  if (!socket || lasts === null) return null;
  if (!live) return Math.ceil(lasts / 1000);
  const since = shownAt.get(socket) ?? performance.now();
  shownAt.set(socket, since);
  return Math.max(0, Math.ceil((lasts - Math.max(0, now - since)) / 1000));
}
