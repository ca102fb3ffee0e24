/** Why a port cannot be listened on, as one sentence that says what to do. */
import { formatEndpoint } from "../shared/address.ts";

/** The gateway cannot start. The message is one sentence for the person who started it. */
export class StartError extends Error {
  readonly code = "CANNOT_START";
}

export interface Listener {
  what: "page" | "accept" | "recv16";
  host: string;
  port: number;
}

const FLAGS = {
  page: { who: "the page", port: "--port", host: "--host", free: 8080 },
  accept: {
    who: "the lesson server",
    port: "--lesson-port",
    host: "--lesson-host",
    free: 8000,
  },
  recv16: {
    who: "the lesson server that reads 16 bytes at a time",
    port: "--recv16-port",
    host: "--lesson-host",
    free: 8003,
  },
};

/** The error of listen(2) in words; the system's own message where there are none. */
export function listenProblem(error: unknown, { what, host, port }: Listener): StartError {
  const { code, message } = error as NodeJS.ErrnoException;
  const flags = FLAGS[what];
  const where = formatEndpoint({ host, port });
  switch (code) {
    case "EADDRINUSE":
      return new StartError(
        `${where} is already in use, so ${flags.who} cannot listen there: stop the other program, or choose another port, for example ${flags.port} ${neighbour(port)}.`,
      );
    case "EACCES":
    case "EPERM":
      return new StartError(
        `Port ${port} is reserved for the system's administrator, so ${flags.who} cannot listen there: choose one from 1024 on, for example ${flags.port} ${flags.free}.`,
      );
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new StartError(
        `${host} is not an address of this machine, so ${flags.who} cannot listen there: choose another, for example ${flags.host} 127.0.0.1.`,
      );
    default:
      return new StartError(`${where} cannot be listened on for ${flags.who}: ${message}.`);
  }
}

const neighbour = (port: number) => (port < 65_535 ? port + 1 : port - 1);
