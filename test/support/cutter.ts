/** A TCP relay that can be cut: everything under way is lost, in the middle of a frame as likely as not. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Cutter {
  readonly port: number;
  readonly cuts: number;
  /** Relayed bytes after which the next cut happens by itself; null: only by hand. */
  cutAfter: (() => number) | null;
  /** While true, whoever connects is reset at once. */
  unplugged: boolean;
  /** While true, nothing of what the target says arrives: end it with a cut, there is no going on in the middle. */
  deaf: boolean;
  cut(): void;
  close(): Promise<void>;
}

/**
 * Relays a free port to `target` on loopback.
 * @param target a function where the port is known only later
 */
export async function startCutter(target: number | (() => number)): Promise<Cutter> {
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cutter = {
    port: (server.address() as AddressInfo).port,
    cuts: 0,
    cutAfter: null as (() => number) | null,
    unplugged: false,
    deaf: false,
    cut() {
      for (const [a, b] of pairs) {
        if (a.destroyed) continue;
        cutter.cuts++;
        a.resetAndDestroy();
        b.resetAndDestroy();
      }
      pairs.clear();
    },
    async close() {
      cutter.cut();
      server.close();
      await once(server, "close");
    },
  };
  server.on("connection", (page) => {
    if (cutter.unplugged) {
      page.resetAndDestroy();
      return;
    }
    const port = typeof target === "number" ? target : target();
    const gateway = connect(port, "127.0.0.1");
    const pair: [Socket, Socket] = [page, gateway];
    pairs.add(pair);
    let left = cutter.cutAfter?.() ?? Number.POSITIVE_INFINITY;
    for (const [from, to] of [pair, [gateway, page] as const]) {
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.on("data", (data) => {
        if (from === gateway && cutter.deaf) return;
        const part = data.subarray(0, left);
        left -= data.length;
        if (!to.write(part)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
        if (left <= 0 && !from.destroyed) {
          cutter.cuts++;
          pairs.delete(pair);
          // The part goes out first, so that the other side sees a frame that stops in its middle.
          to.end(() => to.destroy());
          from.destroy();
        }
      });
    }
  });
  return cutter;
}
