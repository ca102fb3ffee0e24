/** The lesson server: answers `accepted` to every request, and `closed` to the last. */
import { createServer, type Server, type Socket } from "node:net";
import { formatEndpoint } from "../../shared/address.ts";
import { printable } from "./printable.ts";

export interface AcceptOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Serve one client and stop, instead of everybody until `close()`. */
  once: boolean;
  /** Takes one line without its line ending. Called often: it must not wait. */
  log: (line: string) => void;
  /** The most one read takes, in bytes. Default 1024. */
  readBytes?: number;
}

export interface LessonServer {
  host: string;
  /** The port it really has. */
  port: number;
  /** Ends every client (FIN after what was answered) and frees the port. May be called again. */
  close(): Promise<void>;
  /** Resolves when nothing listens and no client is left. */
  done: Promise<void>;
}

const READ_BYTES = 1024;

/**
 * How long a client may take to hang up after we did, in milliseconds. Until then its bytes are read
 * and dropped: close(2) with unread bytes sends RST, and RST destroys a `closed` on its way.
 */
const LINGER_MS = 1_000;

/** `close` in any case. One line ending is forgiven, because nc and telnet cannot leave it out. */
const CLOSE_REQUEST = /^close(?:\r\n|\r|\n)?$/i;

/**
 * Starts listening.
 * @throws the system's error when it cannot listen: EADDRINUSE, EACCES, EADDRNOTAVAIL.
 */
export async function startAccept(options: AcceptOptions): Promise<LessonServer> {
  const { log, once } = options;
  const clients = new Set<Client>();
  // allowHalfOpen: a client that ends its direction first still gets every answer.
  const server = createServer({ allowHalfOpen: true });
  const done = new Promise<void>((resolve) => {
    // The server's "close" comes before the last client's, and both have something to say.
    server.once("close", () =>
      Promise.all([...clients].map((it) => it.gone)).then(() => resolve()),
    );
  });

  server.on("connection", (socket) => {
    // The listening socket goes before the conversation begins: whoever knocks now is refused.
    if (once) server.close();
    const client = serve(socket, log, options.readBytes ?? READ_BYTES);
    clients.add(client);
    client.gone.then(() => clients.delete(client));
  });

  await listening(server, options);
  // accept(2) can fail while the process has no descriptor left (EMFILE); the next one may succeed.
  server.on("error", (error) => log(`Could not accept a connection: ${error.message}`));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  const endpoint = { host: address.address, port: address.port };
  log(`Listening on ${formatEndpoint(endpoint)}`);

  return {
    ...endpoint,
    done,
    close() {
      if (server.listening) server.close();
      for (const client of clients) {
        client.hangUp();
        client.letGo();
      }
      return done;
    },
  };
}

function listening(server: Server, { host, port }: AcceptOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

interface Client {
  /** Sends the last words and FIN after what was answered before. */
  hangUp(lastWords?: string): void;
  /** Closes the socket when the client has hung up too, or has had its time. */
  letGo(): void;
  /** Resolves when the socket is closed. */
  gone: Promise<void>;
}

/**
 * Talks with one client until either hangs up.
 *
 * A request is what one recv(2) of `readBytes` gives. libuv reads up to 64 KiB at once, so a longer
 * read is cut here into the pieces that a loop of such calls would have got; only a piece that was
 * waiting behind others may be shorter than recv(2) would have made it a moment later.
 */
function serve(socket: Socket, log: (line: string) => void, readBytes: number): Client {
  let state: "talking" | "hanging up" = "talking";
  let linger: NodeJS.Timeout | undefined;
  /** Read, but not answered yet because the answers before are not being taken: 64 KiB at most. */
  let waiting: Buffer = Buffer.alloc(0);

  const host = socket.remoteAddress;
  const from = host
    ? formatEndpoint({ host, port: socket.remotePort ?? 0 })
    : "a client gone again";
  log(`Accepted connection from ${from}`);

  function letGo(): void {
    linger ??= setTimeout(() => socket.destroy(), LINGER_MS);
  }

  function hangUp(lastWords?: string): void {
    if (state === "hanging up") return;
    state = "hanging up";
    waiting = Buffer.alloc(0);
    if (lastWords !== undefined) socket.write(lastWords);
    // Not before the kernel has taken everything: a slow reader still gets the tail.
    socket.end(letGo);
    socket.resume();
  }

  function answer(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      const request = rest.subarray(0, readBytes);
      rest = rest.subarray(request.length);
      if (CLOSE_REQUEST.test(request.toString("latin1"))) {
        hangUp("closed");
        return;
      }
      log(`Received: ${printable(request)}`);
      if (!socket.write("accepted")) {
        // The client sends and does not read. We stop reading, then its send(2) waits, as it should.
        waiting = rest;
        socket.pause();
        return;
      }
    }
    waiting = rest;
    socket.resume();
  }

  socket.on("data", (bytes: Buffer) => {
    if (state === "talking") answer(bytes);
  });
  socket.on("drain", () => {
    if (state === "talking") answer(waiting);
  });
  // The empty read, b"": the client has ended its direction, so nothing more can be asked.
  socket.on("end", () => hangUp());
  // A reset (ECONNRESET, EPIPE) ends one conversation only; "close" follows and says so.
  socket.on("error", () => socket.destroy());
  const gone = new Promise<void>((resolve) => {
    socket.once("close", () => {
      clearTimeout(linger);
      log("Connection to client closed");
      resolve();
    });
  });
  return { hangUp, letGo, gone };
}
