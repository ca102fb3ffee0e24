/**
 * Serves UDP for a page: one bound socket, and a peer for each address that a datagram came from. UDP
 * has no accept(2) and no connections: what makes a peer is its first datagram, what ends it is this end
 * alone, and all of them send from the one socket and end with it.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIP, type OnReadOpts } from "node:net";
import type { Address } from "../../shared/address.ts";
import type { Pair } from "../observe.ts";
import {
  bindAllowed,
  type Caller,
  type Listening,
  type ListenOptions,
  listenError,
  plainHost,
} from "./bind.ts";
import { type DatagramCounts, type DatagramPort, Datagrams, noCounts } from "./datagrams.ts";

/** Kept of a peer that is not taken in, in bytes of its datagrams. */
const HELD_BYTES = 64 * 1024;
/** Kept of all such peers of one socket, in bytes; each datagram costs some of them besides its own. */
const HELD_TOTAL_BYTES = 1024 * 1024;
const DATAGRAM_COST_BYTES = 256;
/**
 * Anybody can write another's address on a datagram. Below this are servers, and an answer to what
 * claims to be from one would make this end shout at it.
 */
const FIRST_CLIENT_PORT = 1024;

/**
 * Binds, and hands on each new peer.
 * @throws {ListenError} as bindAllowed() does.
 */
export async function listenForDatagrams(
  address: Address,
  options: ListenOptions,
): Promise<Listening> {
  return await bindAllowed(address, bind, options);
}

async function bind(host: string, port: number, options: ListenOptions): Promise<Listening> {
  const socket = createSocket({
    type: isIP(host) === 6 ? "udp6" : "udp4",
    // Every host is an address that a datagram came from: nothing is ever looked up.
    lookup: (ip, _options, done) => done(null, ip, isIP(ip)),
  });
  try {
    await bound(socket, host, port);
  } catch (error) {
    socket.close();
    throw listenError(error);
  }
  return new Peers(socket, options);
}

function bound(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

/** Sorts what comes to one socket by where it came from. */
class Peers implements Listening {
  readonly local: { host: string; port: number };
  readonly #socket: Socket;
  readonly #options: ListenOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #room = { held: 0 };
  #isStopped = false;

  constructor(socket: Socket, options: ListenOptions) {
    this.#socket = socket;
    this.#options = options;
    const { address, port } = socket.address();
    this.local = { host: address, port };
    socket.on("message", (bytes, from) => this.#arrived(bytes, from));
    socket.on("error", (error) => options.onTrouble?.(error));
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    // close(2) happens in this call; what follows finds nothing to send from.
    this.#socket.close();
    for (const peer of [...this.#peers.values()]) peer.end();
    this.#peers.clear();
  }

  #arrived(bytes: Buffer, from: RemoteInfo): void {
    if (this.#isStopped) return;
    const key = `${from.address} ${from.port}`;
    const known = this.#peers.get(key);
    if (known) return known.arrived(bytes);
    const peer = new Peer(this.#portTo(from, key), this.#room);
    this.#peers.set(key, peer);
    peer.arrived(bytes);
    this.#options.onCaller(peer);
  }

  #portTo({ address, port }: RemoteInfo, key: string): DatagramPort {
    return {
      local: this.#socket.address(),
      remote: { address, port },
      send: (bytes, done) => {
        if (this.#isStopped) return done(null);
        this.#socket.send(bytes, port, address, done);
      },
      // What comes from there later is somebody new.
      close: (done) => {
        this.#peers.delete(key);
        done();
      },
    };
  }
}

/** An address that a datagram came from: at the door it keeps what comes, and taken in it is a stream. */
class Peer implements Caller {
  readonly transport = "udp";
  /** All peers share the socket that listens. */
  readonly fd = null;
  readonly pair: Pair;
  readonly mayEnter: boolean;
  onHeld: (() => void) | null = null;
  readonly #port: DatagramPort;
  /** Of all peers at the door. */
  readonly #room: { held: number };
  readonly #counts = noCounts();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #stream: Datagrams | null = null;

  constructor(port: DatagramPort, room: { held: number }) {
    this.#port = port;
    this.#room = room;
    this.pair = {
      local: { host: plainHost(port.local.address), port: port.local.port },
      remote: { host: plainHost(port.remote.address), port: port.remote.port },
    };
    this.mayEnter = port.remote.port >= FIRST_CLIENT_PORT;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Nobody can say so over UDP. */
  hasLeft(): boolean {
    return false;
  }

  turnAway(): void {
    this.#letHeldGo();
    this.#port.close(() => {});
  }

  take(onread: OnReadOpts, onCounts: (counts: DatagramCounts) => void): Datagrams {
    const [held, counts] = [this.#letHeldGo(), this.#counts];
    this.#stream = new Datagrams(this.#port, { onread, onCounts, held, counts });
    return this.#stream;
  }

  arrived(bytes: Buffer): void {
    if (this.#stream) return this.#stream.arrived(bytes);
    const cost = costOf(bytes);
    if (bytes.length === 0) this.#counts.empty++;
    else if (
      this.#heldBytes + bytes.length > HELD_BYTES ||
      this.#room.held + cost > HELD_TOTAL_BYTES
    ) {
      this.#counts.dropped++;
      this.#counts.droppedBytes += bytes.length;
    } else {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
      this.#room.held += cost;
      this.onHeld?.();
    }
  }

  /** The socket is closed: there is nothing to send from any more. */
  end(): void {
    this.#letHeldGo();
    this.#stream?.destroy(Object.assign(new Error("no longer listening"), { code: "CLOSED" }));
  }

  #letHeldGo(): Buffer[] {
    const held = this.#held;
    for (const bytes of held) this.#room.held -= costOf(bytes);
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}

const costOf = (bytes: Buffer): number => bytes.length + DATAGRAM_COST_BYTES;
