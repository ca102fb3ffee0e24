/** A lesson server that accepts its clients and makes no other call: what they send waits in the kernel. */
import type { Client, Rules } from "./rules.ts";

/**
 * Who never reads learns of no end either, neither by FIN nor by RST. So a client is let go after a
 * while, in milliseconds, and the one that has been here longest when there are too many.
 */
const KEEP_MS = 10 * 60_000;
const MOST_CLIENTS = 200;

/** @param limits how long a client is kept, and how many at once. */
export function silent({ keepMs = KEEP_MS, mostClients = MOST_CLIENTS } = {}): Rules {
  /** The oldest first. */
  const clients = new Set<Client>();
  return {
    readBytes: 0,
    meet(client) {
      clients.add(client);
      const [oldest] = clients;
      if (clients.size > mostClients) oldest?.hangUp();
      const timer = setTimeout(() => client.hangUp(), keepMs);
      return {
        heard: () => false,
        gone() {
          clearTimeout(timer);
          clients.delete(client);
        },
      };
    },
  };
}
