/** Waits for a socket's connect(2) to come out one way or the other. */
import type { Socket } from "node:net";
import { dialError } from "./judged.ts";
import { DialError } from "./limit.ts";

/**
 * Settles with the socket's first word, and takes its listeners off again. They stay on a socket
 * that was given up until its "close", so that no late error is without a listener.
 */
export function connected(socket: Socket, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off("connect", onConnect).off("error", onError).off("close", onClose);
      act();
    };
    const onConnect = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(dialError(error, where)));
    const onClose = () => settle(() => reject(new DialError("CANCELLED", "", where)));
    socket.on("connect", onConnect).on("error", onError).on("close", onClose);
  });
}
