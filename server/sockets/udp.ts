/**
 * A UDP socket with one other end. No connection is pretended: connect(2) of a datagram socket sends
 * nothing, and only makes the kernel choose an address, pass on what comes from the other end alone,
 * and tell of ICMP errors (udp(7)).
 */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { isIP } from "node:net";
import { type Address, formatEndpoint } from "../../shared/address.ts";
import { type DatagramOptions, Datagrams } from "./datagrams.ts";
import { dialError, findAllowed, type LookupOptions } from "./judged.ts";
import { Limit } from "./limit.ts";

export interface UdpOptions extends LookupOptions, Pick<DatagramOptions, "onCounts" | "onread"> {
  /** For looking up the name and binding. Milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * A socket that sends to an address the policy allows, judged as TCP is. Nothing is sent by this.
 * @returns paused: `resume` it once it has its listeners.
 * @throws {DialError} as dial() does, without what only TCP can meet.
 */
export async function openDatagrams(address: Address, options: UdpOptions): Promise<Datagrams> {
  const limit = new Limit(options.timeoutMs, options.signal);
  try {
    limit.check();
    const [ip = ""] = await findAllowed(address, options, limit);
    const where = formatEndpoint({ host: ip, port: address.port });
    const socket = createSocket(isIP(ip) === 6 ? "udp6" : "udp4");
    try {
      await limit.during(connected(socket, ip, address.port), "CONNECT_TIMEOUT", where);
    } catch (error) {
      socket.close();
      throw dialError(error, where);
    }
    return datagramsOf(socket, options);
  } finally {
    limit.release();
  }
}

function connected(socket: UdpSocket, ip: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, ip, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

/** @param socket connected, and nobody else's. */
function datagramsOf(socket: UdpSocket, { onread, onCounts }: UdpOptions): Datagrams {
  const port = {
    local: socket.address(),
    remote: socket.remoteAddress(),
    send: (bytes: Uint8Array, done: (error: Error | null) => void) => socket.send(bytes, done),
    close: (done: () => void) => {
      socket.removeAllListeners();
      socket.on("error", () => {});
      try {
        socket.close(done);
      } catch {
        done(); // It closed by itself.
      }
    },
  };
  const datagrams = new Datagrams(port, { onread, onCounts });
  socket.on("message", (bytes) => datagrams.arrived(bytes));
  // ICMP said that something sent before came to nothing (RFC 1122 section 4.1.3.3).
  socket.on("error", (error) => datagrams.failed(error));
  socket.on("close", () => datagrams.destroy());
  return datagrams;
}
