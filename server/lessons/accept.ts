/** The tutorial's server: answers `accepted` to every request, and `closed` to the last. */
import { printable } from "./printable.ts";
import type { Client, Manners, Rules } from "./rules.ts";

/** `close` in any case. One line ending is forgiven, because nc and telnet cannot leave it out. */
const CLOSE_REQUEST = /^close(?:\r\n|\r|\n)?$/i;

/** True for a request that asks the server to hang up. */
export const asksToClose = (request: Buffer): boolean =>
  CLOSE_REQUEST.test(request.toString("latin1"));

/** @param readBytes the most one read takes. */
export function accept(readBytes = 1024): Rules {
  return { readBytes, meet };
}

function meet(client: Client): Manners {
  return {
    heard(request) {
      if (asksToClose(request)) {
        client.hangUp("closed");
        return false;
      }
      client.log(`Received: ${printable(request)}`);
      // The client may send and not read: then nothing more is read from it.
      return client.send("accepted");
    },
  };
}
