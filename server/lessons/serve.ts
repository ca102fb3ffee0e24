/** One client of the lesson server, from accept to close, with each call told to whoever looks on. */
import type { Socket } from "node:net";
import { formatEndpoint } from "../../shared/address.ts";
import type { Observer, Pair, SocketCall } from "../observe.ts";
import { printable } from "./printable.ts";

export interface ServeOptions {
  log: (line: string) => void;
  observer: Observer;
  /** The most one read takes, in bytes. */
  readBytes: number;
}

export interface Client {
  /** Sends the last words and FIN after what was answered before. */
  hangUp(lastWords?: string): void;
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

/** `close` in any case. One line ending is forgiven, because nc and telnet cannot leave it out. */
const CLOSE_REQUEST = /^close(?:\r\n|\r|\n)?$/i;

/**
 * Talks with one client until either hangs up.
 *
 * A request is what one recv(2) of `readBytes` gives. libuv reads up to 64 KiB at once, so a longer
 * read is cut here into the pieces that a loop of such calls would have got; only a piece that was
 * waiting behind others may be shorter than recv(2) would have made it a moment later.
 */
export function serve(socket: Socket, { log, observer, readBytes }: ServeOptions): Client {
  let state: "talking" | "hanging up" = "talking";
  let linger: NodeJS.Timeout | undefined;
  /** Read, but not answered yet because the answers before are not being taken: 64 KiB at most. */
  let waiting: Buffer = Buffer.alloc(0);
  /** The client has ended its direction. */
  let heardOut = false;

  const pair = pairOf(socket);
  const tell = (call: SocketCall["call"], bytes?: number) => {
    if (pair) observer.publish(pair, call, bytes);
  };
  tell("accept");
  log(`Accepted connection from ${pair ? formatEndpoint(pair.remote) : "a client gone again"}`);

  function letGo(): void {
    linger ??= setTimeout(() => socket.destroy(), LINGER_MS);
  }

  /** @returns false when the client does not take what was sent. */
  function send(text: string): boolean {
    const goesOn = socket.write(text, (error) => {
      if (!error && waits) tell("send", text.length);
    });
    // As a rule the kernel has it by now. Where it has no room yet, send(2) would not have returned.
    const waits = socket.writableLength > 0;
    if (!waits) tell("send", text.length);
    return goesOn;
  }

  function hangUp(lastWords?: string): void {
    if (state === "hanging up") return;
    state = "hanging up";
    if (lastWords !== undefined) send(lastWords);
    // Not before the kernel has taken everything: a slow reader still gets the tail.
    socket.end(letGo);
    drop(waiting);
    waiting = Buffer.alloc(0);
    if (heardOut) tell("recv", 0);
    socket.resume();
  }

  /** Nobody answers this any more, but it was read. */
  function drop(bytes: Buffer): void {
    if (bytes.length > 0) tell("recv", bytes.length);
  }

  function answer(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      const request = rest.subarray(0, readBytes);
      rest = rest.subarray(request.length);
      waiting = rest;
      tell("recv", request.length);
      if (CLOSE_REQUEST.test(request.toString("latin1"))) return hangUp("closed");
      log(`Received: ${printable(request)}`);
      // The client sends and does not read. We stop reading, then its send(2) waits, as it should.
      if (!send("accepted")) return void socket.pause();
    }
    if (heardOut) hangUp();
    else socket.resume();
  }

  socket.on("data", (bytes: Buffer) => {
    if (state === "talking") answer(bytes);
    else drop(bytes);
  });
  socket.on("drain", () => {
    if (state === "talking") answer(waiting);
  });
  // The empty read, b"": nothing more can be asked. What was asked before and waits is answered first.
  socket.on("end", () => {
    heardOut = true;
    if (state === "hanging up") tell("recv", 0);
    else if (waiting.length === 0) hangUp();
  });
  socket.on("finish", () => tell("shutdown"));
  // A reset (ECONNRESET, EPIPE) ends one conversation only; "close" follows and says so.
  socket.on("error", () => socket.destroy());
  const gone = new Promise<void>((resolve) => {
    socket.once("close", (failed: boolean) => {
      clearTimeout(linger);
      tell(failed ? "reset" : "close");
      log("Connection to client closed");
      resolve();
    });
  });
  return { hangUp, letGo, gone };
}

/** Both addresses: a closed socket does not know them any more. null when it is closed already. */
function pairOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): Pair | null {
  if (!localAddress || !localPort || !remoteAddress || !remotePort) return null;
  return {
    local: { host: localAddress, port: localPort },
    remote: { host: remoteAddress, port: remotePort },
  };
}
