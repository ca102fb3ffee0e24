/** A lesson server that sends back what it reads. */
import { printable } from "./printable.ts";
import type { Rules } from "./rules.ts";

const READ_BYTES = 1024;

export function echo(): Rules {
  return {
    readBytes: READ_BYTES,
    meet: (client) => ({
      heard(bytes) {
        client.log(`Received: ${printable(bytes)}`);
        return client.send(bytes);
      },
    }),
  };
}
