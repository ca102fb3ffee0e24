/** One client of a lesson server, from accept to close, with each call told to whoever looks on. */
import type { Socket } from "node:net";
import { formatEndpoint } from "../../shared/address.ts";
import type { Observer, Pair, SocketCall } from "../observe.ts";
import { onFin } from "../sockets/ended.ts";
import type { Client, Rules } from "./rules.ts";

export interface ServeOptions {
  log: (line: string) => void;
  /** What the client says is not repeated in the log. Default: it is. */
  isDiscreet?: boolean;
  observer: Observer;
  rules: Rules;
}

export interface Served {
  /** Sends FIN after what was answered before. */
  hangUp(): void;
  /** Closes the socket when the client has hung up too, or has had its time. */
  letGo(): void;
  /** Resolves when the socket is closed. */
  gone: Promise<void>;
}

/**
 * How long a client may take to hang up after we did, in milliseconds. Until then its bytes are read
 * and dropped: close(2) with unread bytes sends RST, and RST destroys a `closed` on its way.
 */
const LINGER_MS = 1_000;

/**
 * Talks with one client, as the rules say, until either hangs up.
 *
 * A request is what one recv(2) of `readBytes` gives. libuv reads up to 64 KiB at once, so a longer
 * read is cut here into the pieces that a loop of such calls would have got; only a piece that was
 * waiting behind others may be shorter than recv(2) would have made it a moment later.
 */
export function serve(socket: Socket, options: ServeOptions): Served {
  const { log, isDiscreet = false, observer, rules } = options;
  let state: "talking" | "holding" | "hanging up" | "resetting" | "gone" = "talking";
  let linger: NodeJS.Timeout | undefined;
  /** Read, but not heard yet because the lesson holds: 64 KiB at most. */
  let waiting: Buffer = Buffer.alloc(0);
  /** The client has ended its direction. */
  let heardOut = false;

  const pair = pairOf(socket);
  const name = pair ? formatEndpoint(pair.remote) : "a client gone again";
  const tell = (call: SocketCall["call"], bytes?: number) => {
    if (pair) observer.publish(pair, call, bytes);
  };
  const over = () => state !== "talking" && state !== "holding";

  function letGo(): void {
    linger ??= setTimeout(() => socket.destroy(), LINGER_MS);
  }

  function send(bytes: string | Uint8Array): boolean {
    if (over() || bytes.length === 0) return true;
    return write(bytes);
  }

  function write(bytes: string | Uint8Array): boolean {
    const length = Buffer.byteLength(bytes);
    const goesOn = socket.write(bytes, (error) => {
      if (!error && waits) tell("send", length);
    });
    // As a rule the kernel has it by now. Where it has no room yet, send(2) would not have returned.
    const waits = socket.writableLength > 0;
    if (!waits) tell("send", length);
    return goesOn;
  }

  function hangUp(lastWords?: string): void {
    if (over()) return;
    state = "hanging up";
    if (lastWords !== undefined) write(lastWords);
    // Who never reads has nothing to wait for. With unread bytes, the kernel makes RST of close(2).
    if (rules.readBytes === 0) return void socket.destroy();
    // Not before the kernel has taken everything: a slow reader still gets the tail.
    socket.end(letGo);
    drop(waiting);
    waiting = Buffer.alloc(0);
    if (heardOut) tell("recv", 0);
    socket.resume();
  }

  function reset(): void {
    if (state === "resetting" || state === "gone") return;
    state = "resetting";
    socket.resetAndDestroy();
  }

  /** Nobody answers this any more, but it was read. */
  function drop(bytes: Buffer): void {
    if (bytes.length > 0) tell("recv", bytes.length);
  }

  function hear(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      const request = rest.subarray(0, rules.readBytes);
      rest = rest.subarray(request.length);
      waiting = rest;
      tell("recv", request.length);
      const goesOn = manners.heard(request);
      if (over()) return;
      if (!goesOn) return hold();
    }
    if (!heardOut) socket.resume();
    else if (manners.ended) manners.ended();
    else hangUp();
  }

  /** We stop reading, then the client's send(2) waits, as it should. */
  function hold(): void {
    state = "holding";
    socket.pause();
  }

  function readOn(): void {
    if (state !== "holding") return;
    state = "talking";
    hear(waiting);
  }

  socket.on("data", (bytes: Buffer) => {
    if (state === "talking") hear(bytes);
    else drop(bytes);
  });
  socket.on("drain", () => {
    if (over()) return;
    if (manners.drained) manners.drained();
    else readOn();
  });
  // The empty read, b"": nothing more can be asked. What was asked before and waits is answered first.
  onFin(socket, () => {
    heardOut = true;
    if (state === "hanging up") tell("recv", 0);
    else if (state === "talking") hear(waiting);
  });
  socket.on("finish", () => tell("shutdown"));
  // A reset (ECONNRESET, EPIPE) ends one conversation only; "close" follows and says so.
  socket.on("error", () => socket.destroy());
  const gone = new Promise<void>((resolve) => {
    socket.once("close", (failed: boolean) => {
      clearTimeout(linger);
      tell(failed || state === "resetting" ? "reset" : "close");
      state = "gone";
      manners.gone?.();
      log("Connection to client closed");
      resolve();
    });
  });

  tell("accept");
  log(`Accepted connection from ${name}`);
  const quote = isDiscreet ? () => {} : log;
  const client: Client = { name, pair, log: quote, send, readOn, hangUp, reset };
  const manners = rules.meet(client);
  return { hangUp: () => hangUp(), letGo, gone };
}

/** Both addresses: a closed socket does not know them any more. null when it is closed already. */
function pairOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): Pair | null {
  if (!localAddress || !localPort || !remoteAddress || !remotePort) return null;
  return {
    local: { host: localAddress, port: localPort },
    remote: { host: remoteAddress, port: remotePort },
  };
}
