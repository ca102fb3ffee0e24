/** Why a port cannot be listened on, as one sentence that says what to do. */
import { formatEndpoint } from "../shared/address.ts";
import { LESSON_NAMES, type LessonName } from "../shared/lessons.ts";

/** The gateway cannot start. The message is one sentence for the person who started it. */
export class StartError extends Error {
  readonly code = "CANNOT_START";
}

export interface Listener {
  what: "page" | LessonName;
  host: string;
  port: number;
}

const PAGE = { who: "the page", port: "--port", host: "--host", free: 8080, ports: 1 };
const LESSON = { port: "--lesson-port", host: "--lesson-host", free: 8000 };

const flagsOf = (what: Listener["what"]) =>
  what === "page"
    ? PAGE
    : { ...LESSON, who: `the lesson server ${what}`, ports: LESSON_NAMES.length };

/** The error of listen(2) in words; the system's own message where there are none. */
export function listenProblem(error: unknown, { what, host, port }: Listener): StartError {
  const { code, message } = error as NodeJS.ErrnoException;
  const flags = flagsOf(what);
  const where = formatEndpoint({ host, port });
  const fail = (sentence: string) => new StartError(sentence, { cause: error });
  switch (code) {
    case "EADDRINUSE":
      return fail(
        `${where} is already in use, so ${flags.who} cannot listen there: stop the other program, or choose another port, for example ${flags.port} ${neighbour(port, flags.ports)}.`,
      );
    case "EACCES":
    case "EPERM":
      return fail(
        `Port ${port} is reserved for the system's administrator, so ${flags.who} cannot listen there: choose one from 1024 on, for example ${flags.port} ${flags.free}.`,
      );
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail(
        `${host} is not an address of this machine, so ${flags.who} cannot listen there: choose another, for example ${flags.host} 127.0.0.1.`,
      );
    default:
      return fail(`${where} cannot be listened on for ${flags.who}: ${message}.`);
  }
}

/**
 * The first of as many ports as are needed, so far from the one that is taken that another gateway, which has as many
 * beside it, has none of them.
 */
const neighbour = (port: number, ports: number) =>
  port + 2 * ports <= 65_536 ? port + ports : port - 2 * ports + 1;
