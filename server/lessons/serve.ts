/** A lesson server's listening socket: who comes in is met by the rules it was given. */
import { createServer, type Server } from "node:net";
import { formatEndpoint } from "../../shared/address.ts";
import type { Observer } from "../observe.ts";
import { type Served, serve } from "./client.ts";
import type { Rules } from "./rules.ts";

export interface LessonOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  rules: Rules;
  /** Serve one client and stop, instead of everybody until `close()`. */
  once: boolean;
  /** Takes one line without its line ending. Called often: it must not wait. */
  log: (line: string) => void;
  /** What clients say is not repeated in the log. Default: it is. */
  isDiscreet?: boolean;
  /** Is told each call on a client's socket. */
  observer: Observer;
}

export interface LessonServer {
  host: string;
  /** The port it really has. */
  port: number;
  /** Ends every client (FIN after what was answered) and frees the port. May be called again. */
  close(): Promise<void>;
  /** Resolves when it listens no longer: its port may then be anybody's. */
  deaf: Promise<void>;
  /** Resolves when nothing listens and no client is left. */
  done: Promise<void>;
}

/**
 * Starts listening.
 * @throws the system's error when it cannot listen: EADDRINUSE, EACCES, EADDRNOTAVAIL.
 */
export async function startLesson(options: LessonOptions): Promise<LessonServer> {
  const { log, once, rules } = options;
  const clients = new Set<Served>();
  const server = createServer({
    // A client that ends its direction first still gets every answer.
    allowHalfOpen: true,
    pauseOnConnect: rules.readBytes === 0,
    noDelay: rules.noDelay ?? false,
  });
  let turnDeaf = () => {};
  const deaf = new Promise<void>((resolve) => {
    turnDeaf = () => {
      if (server.listening) server.close();
      resolve();
    };
  });
  const done = new Promise<void>((resolve) => {
    // The server's "close" comes before the last client's, and both have something to say.
    server.once("close", () =>
      Promise.all([...clients].map((it) => it.gone)).then(() => resolve()),
    );
  });

  server.on("connection", (socket) => {
    // The listening socket goes before the conversation begins: whoever knocks now is refused.
    if (once) turnDeaf();
    const client = serve(socket, options);
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
    deaf,
    done,
    close() {
      turnDeaf();
      for (const client of clients) {
        client.hangUp();
        client.letGo();
      }
      return done;
    },
  };
}

function listening(server: Server, { host, port }: LessonOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
