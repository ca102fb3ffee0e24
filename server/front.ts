/** The listening HTTP or HTTPS server in front of everything, with the limits that keep it standing. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { busyRequest, busyUpgrade, watchAdmission } from "./admission.ts";
import type { Config } from "./config.ts";
import { listenProblem, StartError } from "./listen.ts";
import type { Logger } from "./log.ts";

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Front {
  readonly bound: { readonly host: string; readonly port: number };
  /** Until this is called, everybody is told to come back in a moment. */
  serve(app: RequestListener, upgrade: UpgradeListener): void;
  /** Frees the port and cuts the connections that are not WebSockets. */
  close(): Promise<void>;
}

/** A client that has not sent its headers by then is not a browser (slowloris). */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A response that is not taken, a keep-alive that is not used. Upgraded sockets are not meant. */
const SOCKET_SILENCE_MS = 60_000;

/**
 * Listens.
 * @param limit connections that are served at once; those beyond get 503, or are cut under TLS.
 * @throws {StartError}
 */
export async function openFront(config: Config, limit: number, log: Logger): Promise<Front> {
  const server = createHttpServer(config);
  let app: RequestListener = busyRequest;
  let upgrade: UpgradeListener = (_request, socket) => busyUpgrade(socket);
  const admission = watchAdmission(server, { tls: config.tlsCert !== undefined, limit });
  server.on("request", (request, response) => {
    (admission.isBeyond(request.socket) ? busyRequest : app)(request, response);
  });
  server.on("upgrade", (request, socket, head) => {
    if (admission.isBeyond(socket)) busyUpgrade(socket);
    else upgrade(request, socket, head);
  });
  const bound = await listen(server, config);
  // accept(2) fails while no descriptor is left (EMFILE); the next one may succeed.
  server.on("error", (error) => log.error({ err: error }, "could not accept a connection"));
  return {
    bound,
    serve(nextApp, nextUpgrade) {
      app = nextApp;
      upgrade = nextUpgrade;
    },
    close: () => closeServer(server),
  };
}

function createHttpServer(config: Config): Server {
  const options = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // How often those two are looked at; the default of 30 s would triple them.
    connectionsCheckingInterval: 1_000,
  };
  const { tlsCert, tlsKey } = config;
  let server: Server;
  if (tlsCert === undefined || tlsKey === undefined) server = createServer(options);
  else {
    const pem = { cert: readPem("--tls-cert", tlsCert), key: readPem("--tls-key", tlsKey) };
    try {
      server = createTlsServer({ ...options, ...pem, handshakeTimeout: HEADERS_TIMEOUT_MS });
    } catch (error) {
      const reason = (error as Error).message;
      throw new StartError(
        `--tls-cert ${tlsCert} and --tls-key ${tlsKey} cannot be used: ${reason}.`,
      );
    }
  }
  server.setTimeout(SOCKET_SILENCE_MS);
  return server;
}

function readPem(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new StartError(`The file of ${flag} cannot be read: ${(error as Error).message}.`);
  }
}

async function listen(
  server: Server,
  { host, port }: Config,
): Promise<{ host: string; port: number }> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenProblem(error, { what: "page", host, port });
  }
  const address = server.address() as AddressInfo;
  return { host: address.address, port: address.port };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
