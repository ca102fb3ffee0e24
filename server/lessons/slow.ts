/** A lesson server that answers as the tutorial's does, but a byte at a time, with a pause after each. */
import { asksToClose } from "./accept.ts";
import { printable } from "./printable.ts";
import type { Client, Manners, Rules } from "./rules.ts";

const READ_BYTES = 1024;
/** Long enough to watch each byte come. */
const PAUSE_MS = 200;

/** @param pauseMs between two bytes. */
export function slow(pauseMs = PAUSE_MS): Rules {
  return {
    readBytes: READ_BYTES,
    // Or a byte would wait until the one before it is acknowledged, and go out with the next (Nagle).
    noDelay: true,
    meet: (client) => meet(client, pauseMs),
  };
}

function meet(client: Client, pauseMs: number): Manners {
  let timer: NodeJS.Timeout | undefined;
  /** What is still to be said, and then to be done. */
  let rest: Buffer = Buffer.alloc(0);
  let then = () => {};

  function drip(): void {
    if (rest.length === 0) return then();
    const taken = client.send(rest.subarray(0, 1));
    rest = rest.subarray(1);
    // Who does not read makes even this server wait.
    if (taken) timer = setTimeout(drip, pauseMs);
  }

  return {
    heard(request) {
      const last = asksToClose(request);
      if (!last) client.log(`Received: ${printable(request)}`);
      rest = Buffer.from(last ? "closed" : "accepted");
      then = last ? client.hangUp : client.readOn;
      drip();
      // The next request is not read before this answer is out.
      return false;
    },
    drained: drip,
    gone: () => clearTimeout(timer),
  };
}
