/**
 * Every failure a person can meet: its number on the wire, its errno, the name Python gives it, one
 * plain sentence and what to try. Errno values: Linux errno(3), macOS intro(2), Winsock error codes.
 */

import { socketFailures, tlsFailureOf } from "./errors-sockets.ts";
import { type Failure, type FailureContext, isUnixPath, targetOf } from "./failure.ts";

export type { FailureContext };
export type Platform = "linux" | "darwin" | "win32" | "other";

const at = targetOf;

const table = {
  ECONNREFUSED: {
    wire: 1,
    python: "ConnectionRefusedError",
    errno: { linux: 111, darwin: 61, win32: 10061 },
    message: "Connection refused",
    sentence: (c) =>
      isUnixPath(c)
        ? `The file ${c.host} is there, but no program listens on it any more: the kernel refuses at once.`
        : `No program listens on port ${c.port}, so the kernel at ${c.host} sent your knock straight back with a reset (RST).`,
    hints: (c) =>
      isUnixPath(c)
        ? ["Start the server again, then try again: it makes the socket anew."]
        : [`Start a server on port ${c.port}, then try again.`, "Check the port number."],
  },
  CONNECT_TIMEOUT: {
    wire: 2,
    python: "TimeoutError",
    message: "timed out",
    sentence: (c) =>
      `${c.host} gave no answer at all${c.detail ? ` within ${c.detail}` : ""}. Nobody said no; the knock just went unanswered.`,
    hints: () => [
      "Check the host, then try again.",
      "A firewall may be dropping the packets without a word.",
    ],
  },
  ETIMEDOUT: {
    wire: 3,
    python: "TimeoutError",
    errno: { linux: 110, darwin: 60, win32: 10060 },
    message: "Connection timed out",
    sentence: (c) => `${c.host} stopped answering, and the kernel gave up on it.`,
    hints: () => ["Check that the machine is on and its network works.", "Try again."],
  },
  EHOSTUNREACH: {
    wire: 4,
    python: "OSError",
    errno: { linux: 113, darwin: 65, win32: 10065 },
    message: "No route to host",
    sentence: (c) =>
      `The network has no way to the machine ${c.host}: nobody there has that address.`,
    hints: () => ["Check the address.", "Check that the machine is on, then try again."],
  },
  ENETUNREACH: {
    wire: 5,
    python: "OSError",
    errno: { linux: 101, darwin: 51, win32: 10051 },
    message: "Network is unreachable",
    sentence: (c) => `The gateway's machine has no network that leads to ${c.host}.`,
    hints: () => [
      "Check that the gateway's machine is online, then try again.",
      "For an IPv6 address, try the IPv4 one.",
    ],
  },
  ENOTFOUND: {
    wire: 6,
    python: "socket.gaierror",
    errno: { linux: -2, darwin: 8, win32: 11001 },
    message: "Name or service not known",
    sentence: (c) => `No machine is called ${c.host}: the name has no address.`,
    hints: () => ["Check the spelling.", "Use the number (IP address) if you know it."],
  },
  EAI_AGAIN: {
    wire: 7,
    python: "socket.gaierror",
    errno: { linux: -3, darwin: 2, win32: 11002 },
    message: "Temporary failure in name resolution",
    sentence: (c) => `The name ${c.host} could not be looked up: the name server did not answer.`,
    hints: () => ["Try again in a moment.", "Use the number (IP address) if you know it."],
  },
  ECONNRESET: {
    wire: 8,
    python: "ConnectionResetError",
    errno: { linux: 104, darwin: 54, win32: 10054 },
    message: "Connection reset by peer",
    sentence: () =>
      "The other end threw the connection away (RST) instead of ending it. What was still under way is lost.",
    hints: () => [
      "The other program may have crashed or been killed; look at its output.",
      "Connect again.",
    ],
  },
  EPIPE: {
    wire: 9,
    python: "BrokenPipeError",
    errno: { linux: 32, darwin: 32, win32: 10058 },
    message: "Broken pipe",
    sentence: () =>
      "These bytes had nowhere to go: the connection was already gone in this direction.",
    hints: () => ["Connect again, then send."],
  },
  EADDRNOTAVAIL: {
    wire: 10,
    python: "OSError",
    errno: { linux: 99, darwin: 49, win32: 10049 },
    message: "Cannot assign requested address",
    sentence: (c) =>
      c.listening
        ? `${c.host} is no address of the gateway's machine, so nobody there can listen on it.`
        : `The gateway's machine has no address it could use to reach ${at(c)}, or no free port left.`,
    hints: (c) => [
      "Check the address.",
      c.listening
        ? "Listen on 127.0.0.1, which every machine has."
        : "Try again in a minute: ports of ended connections come back.",
    ],
  },
  EACCES: {
    wire: 11,
    python: "PermissionError",
    errno: { linux: 13, darwin: 13, win32: 10013 },
    message: "Permission denied",
    sentence: (c) =>
      c.listening
        ? `The gateway's operating system keeps port ${c.port} for its administrator, as it does with all below 1024.`
        : `The gateway's operating system does not let it connect to ${at(c)}.`,
    hints: (c) => {
      if (c.listening) return ["Choose a port from 1024 on."];
      return [
        isUnixPath(c)
          ? "The gateway's user needs the right to write to that file, and to enter its directories."
          : "A local firewall rule may forbid it: lift the rule, then try again.",
      ];
    },
  },
  EMFILE: {
    wire: 12,
    python: "OSError",
    errno: { linux: 24, darwin: 24, win32: 10024 },
    message: "Too many open files",
    sentence: () => "The gateway has as many sockets open as its system allows.",
    hints: () => ["Close a connection you no longer need, then try again."],
  },
  EADDRINUSE: {
    wire: 18,
    python: "OSError",
    errno: { linux: 98, darwin: 48, win32: 10048 },
    message: "Address already in use",
    sentence: (c) =>
      `Port ${c.port} of ${c.host} is taken: another socket listens there, or a connection that ended there still waits (TIME_WAIT).`,
    hints: () => [
      "Choose another port.",
      "Stop the program that listens there, or wait for TIME_WAIT to end.",
    ],
  },
  NOT_ALLOWED: {
    wire: 20,
    python: null,
    message: "Not allowed by this gateway",
    sentence: (c) =>
      c.reach
        ? `${at(c)} is not among what this class may reach: ${c.reach.join(", ") || "nothing yet"}.`
        : `This gateway does not connect to ${at(c)}.${c.detail ? ` ${c.detail}` : ""}`,
    hints: (c) => [
      "Choose another address.",
      c.reach ? "Your teacher can add this one." : "Ask whoever runs the gateway what it allows.",
    ],
  },
  BAD_ADDRESS: {
    wire: 21,
    python: null,
    message: "Bad address",
    sentence: (c) => c.detail || "This is not an address to connect to.",
    hints: () => ["Write tcp://host:port, for example tcp://127.0.0.1:8000."],
  },
  TOO_MANY_CONNECTIONS: {
    wire: 22,
    python: null,
    message: "Too many connections",
    sentence: (c) =>
      `This page has as many connections open as the gateway allows${c.detail ? ` (${c.detail})` : ""}.`,
    hints: () => ["Close one, then try again."],
  },
  TOO_FAST: {
    wire: 23,
    python: null,
    message: "Too many attempts",
    sentence: (c) =>
      `Connections are being opened faster than the gateway allows${c.detail ? ` (${c.detail})` : ""}.`,
    hints: () => ["Wait a second, then try again."],
  },
  GATEWAY_BUSY: {
    wire: 24,
    python: null,
    message: "The gateway is full",
    sentence: (c) =>
      `The gateway has no room for another connection now${c.detail ? ` (${c.detail})` : ""}.`,
    hints: () => ["Try again in a moment."],
  },
  DRAINING: {
    wire: 25,
    python: null,
    message: "The gateway is stopping",
    sentence: () => "The gateway is shutting down and opens nothing new.",
    hints: () => ["Wait until it is back; this page reconnects by itself."],
  },
  HALF_CLOSE_TIMEOUT: {
    wire: 26,
    python: null,
    message: "Half-closed for too long",
    sentence: (c) =>
      `One direction had ended, and nothing more came in the other${c.detail ? ` for ${c.detail}` : ""}, so the gateway let go.`,
    hints: () => ["Connect again."],
  },
  CLOSED: {
    wire: 27,
    python: null,
    message: "Closed",
    sentence: () => "You closed your socket while the other end could still have sent.",
    hints: () => [],
  },
  CANCELLED: {
    wire: 28,
    python: null,
    message: "Cancelled",
    sentence: () => "You stopped this before it was finished.",
    hints: () => [],
  },
  SESSION_ENDED: {
    wire: 29,
    python: null,
    message: "Session ended by the gateway",
    sentence: (c) => `The gateway ended this session${c.detail ? `: ${c.detail}` : ""}.`,
    hints: () => ["Connect again."],
  },
  SESSION_EXPIRED: {
    wire: 30,
    python: null,
    message: "Session expired",
    sentence: (c) =>
      `The page was away from the gateway for too long, so the gateway closed its connections${c.detail ? ` (${c.detail})` : ""}.`,
    hints: () => ["Connect again: it will be a new TCP connection."],
  },
  GATEWAY_UNREACHABLE: {
    wire: 31,
    python: null,
    message: "Gateway unreachable",
    sentence: () => "This page cannot reach the Wireside gateway, which holds the sockets for it.",
    hints: () => [
      "Check that it still runs (npm start) and that the network works.",
      "This page keeps trying by itself.",
    ],
  },
  ACCESS_CODE: {
    wire: 32,
    python: null,
    message: "Access code needed",
    sentence: () => "This gateway asks for an access code before it opens connections.",
    hints: () => ["Open the address that was printed where the gateway runs; it carries the code."],
  },
  REMOVED: {
    wire: 33,
    python: null,
    message: "Removed from the class",
    sentence: () =>
      "The teacher removed you from the class, so the gateway closed all connections of this page.",
    hints: () => ["Ask your teacher, then join again with the code."],
  },
  CLASS_ENDED: {
    wire: 34,
    python: null,
    message: "The class is over",
    sentence: () =>
      "The teacher ended the class, so the gateway closed all connections and opens nothing new.",
    hints: () => ["Save what you want to keep; this page still has it."],
  },
  HUNG_UP: {
    wire: 35,
    python: null,
    message: "Hung up by the teacher",
    sentence: () =>
      "The teacher hung up: the gateway sent what was under way, and closed your socket as close(2) does.",
    hints: () => ["Connect again when your teacher says so."],
  },
  ...socketFailures,
  LISTEN_NOT_ALLOWED: {
    wire: 60,
    python: null,
    message: "Not allowed by this gateway",
    sentence: (c) => `This gateway does not listen on ${at(c)}.${c.detail ? ` ${c.detail}` : ""}`,
    hints: () => [
      "Choose another address or port.",
      "Ask whoever runs the gateway what it allows.",
    ],
  },
  TOO_MANY_LISTENERS: {
    wire: 61,
    python: null,
    message: "Too many listening sockets",
    sentence: (c) =>
      `This page listens on as many ports as the gateway allows${c.detail ? ` (${c.detail})` : ""}.`,
    hints: () => ["Stop one, then try again."],
  },
  UNKNOWN: {
    wire: 99,
    python: "OSError",
    message: "Unexpected error",
    sentence: (c) =>
      `The operating system reported something unusual${c.detail ? `: ${c.detail}` : ""}.`,
    hints: () => ["Try again."],
  },
} satisfies Record<string, Failure>;

export type FailureCode = keyof typeof table;
const failures: Record<FailureCode, Failure> = table;
const byWire = new Map(Object.entries(failures).map(([code, f]) => [f.wire, code as FailureCode]));

/** Every code there is, for tests and tables. */
export const failureCodes = Object.keys(failures) as FailureCode[];

/** The number of a failure in an RST frame. */
export function wireNumber(code: FailureCode): number {
  return failures[code].wire;
}

/** The failure with that number; UNKNOWN for a number from a newer gateway. */
export function failureOfWire(wire: number): FailureCode {
  return byWire.get(wire) ?? "UNKNOWN";
}

/** Maps a Node `error.code` or a protocol code to the table; UNKNOWN when it has no row. */
export function failureOfCode(code: string | undefined): FailureCode {
  if (code === "EAI_NODATA" || code === "EAI_NONAME" || code === "ENODATA") return "ENOTFOUND";
  if (code === "ENFILE") return "EMFILE";
  if (code === "EPERM") return "EACCES"; // A local firewall's refusal, on Linux.
  if (code === undefined) return "UNKNOWN";
  return Object.hasOwn(failures, code) ? (code as FailureCode) : (tlsFailureOf(code) ?? "UNKNOWN");
}

/** What a code of OpenSSL says besides the failure it maps to: its own name of the reason; else empty. */
export function detailOfCode(code: string | undefined): string {
  if (code === undefined) return "";
  if (tlsFailureOf(code) === "TLS_BAD_CERTIFICATE") return code;
  return code.startsWith("ERR_SSL_") ? code.slice("ERR_SSL_".length) : "";
}

/** A failure as the screen shows it. */
export interface Explanation {
  code: FailureCode;
  /** `ConnectionRefusedError: [Errno 111] Connection refused`, as Python on the gateway's system prints it. */
  headline: string;
  /** `ECONNREFUSED 111`, or null when the gateway itself made the failure. */
  errno: string | null;
  sentence: string;
  hints: string[];
}

/**
 * Explains a failure.
 * @param platform the gateway's system; errno differ between systems.
 */
export function explain(
  code: FailureCode,
  context: FailureContext,
  platform: Platform = "linux",
): Explanation {
  const failure = failures[code];
  const number = failure.errno?.[platform === "other" ? "linux" : platform];
  const label =
    platform === "win32" && number !== undefined && number > 10_000 && number < 11_000
      ? "WinError"
      : "Errno";
  const message = typeof failure.message === "string" ? failure.message : failure.message(context);
  const tail = number === undefined ? message : `[${label} ${number}] ${message}`;
  return {
    code,
    headline: failure.python ? `${failure.python}: ${tail}` : message,
    errno: number === undefined ? null : `${code} ${number}`,
    sentence: failure.sentence(context),
    hints: failure.hints(context),
  };
}
