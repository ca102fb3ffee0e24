/**
 * Structured logs: one event, one line, and nothing in it that a terminal would obey. Payloads and
 * secrets are never handed to a log; what slips into a field of that name is blanked here.
 */
import pino from "pino";
import pretty from "pino-pretty";
import type { LogFormat, LogLevel } from "./config.ts";
import { escapeInvisible } from "./invisible.ts";

export type Logger = pino.Logger;

export interface LogOptions {
  level: LogLevel;
  format: LogFormat;
  /** Colours for a person's terminal; never in JSON. Default: no. */
  colour?: boolean;
  /** Where lines go. Default: standard error, written at once, so that the last line before an exit is there. */
  destination?: pino.DestinationStream;
}

const SECRET_FIELDS = ["token", "cookie", "authorization", "accessCode", "payload", "password"];
const SECRETS = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON whose strings, once parsed, still show their escapes instead of what those stand for. */
function shownEscapes(json: string): string {
  return json.replace(/\\(?:u[0-9a-f]{4}|.)/gi, (sequence) =>
    /^\\["\\/]$/.test(sequence) ? sequence : `\\${sequence}`,
  );
}

/**
 * The stack goes into one string, so that an event stays one line; the message of an unknown error
 * is kept, because it is what somebody will search for.
 */
function errorOnOneLine(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: frames.map((line) => line.trim()).join(" ← "),
  };
}

/** A logger for the whole process. Writes are synchronous: a log line outlives the crash after it. */
export function createLog(options: LogOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true });
  const format =
    options.format === "pretty" ? prettyLine(options.colour ?? false) : escapeInvisible;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: "[not logged]" },
      serializers: { err: errorOnOneLine },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => destination.write(format(line)) },
  );
}

function prettyLine(colorize: boolean): (line: string) => string {
  const print = pretty.prettyFactory({
    colorize,
    singleLine: true,
    // Errors are made one line above; pino-pretty would spread them over many.
    errorLikeObjectKeys: [],
    translateTime: "SYS:HH:MM:ss.l",
  });
  return (line) => print(shownEscapes(escapeInvisible(line)));
}
