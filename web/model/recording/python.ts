/** A conversation as a small Python program that has it again: the same bytes in the same sends. */
import { type Address, formatAddress } from "../../../shared/address.ts";
import { type ConversationEvent, type Role, sends } from "../../../shared/conversation.ts";
import { explain } from "../../../shared/errors.ts";
import { peerOf } from "../ends.ts";
import { pythonBytes } from "./python-bytes.ts";
import { type Step, stepsOf } from "./python-steps.ts";
import {
  accepting,
  constants,
  opening,
  possible,
  RECEIVE_DATAGRAM,
  SEND_DATAGRAM,
  UNWRAP,
} from "./python-transport.ts";
import { addressOf, type Recording, roleOf } from "./recording.ts";

/** More steps than this are a list and a loop. */
const LONGEST_LITERAL = 24;
/** Bytes of a literal on one line; longer ones go on below. */
const LITERAL_BYTES = 60;

/** The program's text. It needs nothing but Python 3.8 or newer. */
export function pythonProgram(recording: Recording): string {
  const address = addressOf(recording);
  if (!address) return "# This conversation never got as far as an address.\n";
  const { steps: all, cut } = stepsOf(recording);
  const steps = possible(all, address);
  const role = roleOf(recording);
  const peer = peerOf(role);
  const isUdp = address.scheme === "udp";
  const long = steps.length > LONGEST_LITERAL;
  const done = new Set(steps.map((step) => step.do));
  const parts = [
    head(recording, address, role),
    done.has("send") && isUdp ? SEND_DATAGRAM : "",
    done.has("receive") ? (isUdp ? RECEIVE_DATAGRAM : RECEIVE(peer)) : "",
    done.has("end") && address.scheme === "tls" ? UNWRAP : "",
    done.has("hear the end") ? HEAR_THE_END(peer) : "",
    done.has("be reset") ? BE_RESET(peer) : "",
    done.has("reset") ? RESET : "",
    long ? listed(steps) : "",
    role === "client" ? opening(address) : accepting(address),
    long ? loop(steps, address) : steps.map((step) => statement(step, address)).join(""),
    cut ? `    # ${cut}\n` : "",
    steps.length === 0 ? "    pass\n" : "",
    isUdp && role === "server"
      ? `print("Socket closed")\n`
      : `print("Connection to ${peer} closed")\n`,
  ];
  return parts.join("");
}

function head(recording: Recording, address: Address, role: Role): string {
  const day = new Date(recording.startedAt).toISOString().slice(0, 10);
  const modules = ["socket"];
  if (address.scheme === "tls") modules.push("ssl");
  if (recording.events.some((event) => isOwnReset(event, role))) modules.push("struct");
  const needs = modules.map((name) => `import ${name}`).join("\n");
  const target = formatAddress(address).replace(/["\\]/g, "\\$&");
  const told = about(target, day);
  return `"""${role === "server" && address.scheme === "udp" ? told.datagrams : told[role]}
"""

${needs}

${constants(address)}
# How long a call waits before it gives up, in seconds.
PATIENCE = 10

${failed(recording)}`;
}

const isOwnReset = (event: ConversationEvent, role: Role) =>
  event.side === "near" && event.kind === "reset" && event.direction === sends(role);

const about = (address: string, day: string): Record<Role | "datagrams", string> => ({
  client: `A conversation with ${address}, as Wireside recorded it on ${day}.

It sends the same bytes in the same sends, and reads as many as came back. It does not wait between
them, so sends that follow each other may arrive together where they arrived apart before.`,
  server: `A conversation that Wireside had as the server at ${address}, recorded on ${day}.

It listens there, accepts one client, reads as many bytes as came then, and sends the same bytes in the
same sends. It does not wait between them, so sends that follow each other may arrive together where
they arrived apart before.`,
  datagrams: `A conversation that Wireside had at ${address}, recorded on ${day}.

It waits there for a datagram, answers whoever sent it, receives as many datagrams as came then, and
sends the same ones. It does not wait between them.`,
});

/** What Python will say when it goes as it went then. */
function failed({ events, platform }: Recording): string {
  const error = events.find((event) => event.kind === "error");
  if (error?.kind !== "error") return "";
  const { host, port } = addressOf({ events }) ?? { host: "", port: 0 };
  const { headline } = explain(error.code, { host, port, detail: error.detail }, platform);
  // A comment ends with its line: what came from a file must not end it.
  const said = headline.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  return `# When this was recorded, it failed: ${said}\n`;
}

const RECEIVE = (peer: Role) => `
def receive(count):
    """Reads until count bytes have come, and prints them."""
    received = b""
    while len(received) < count:
        # recv() returns as soon as there is anything: the count is a maximum. Hence the loop.
        try:
            piece = connection.recv(count - len(received))
        except socket.timeout:
            print(f"Nothing more came within {PATIENCE} seconds.")
            break
        if piece == b"":
            print("The ${peer} hung up early.")
            break
        received += piece
    print(f"Received {len(received)} bytes: {received}")

`;

const HEAR_THE_END = (peer: Role) => `
def hear_the_end():
    """Reads until the ${peer} has ended its direction: recv() then returns b""."""
    try:
        while True:
            piece = connection.recv(1024)
            if piece == b"":
                break
            print(f"Received {len(piece)} more bytes: {piece}")
        print("The ${peer} hung up.")
    except socket.timeout:
        print(f"The ${peer} did not hang up within {PATIENCE} seconds.")

`;

const BE_RESET = (peer: Role) => `
def be_reset():
    """Reads until the ${peer} throws the connection away (RST)."""
    try:
        while connection.recv(1024) != b"":
            pass
        print("The ${peer} hung up, where it reset the connection before.")
    except ConnectionResetError:
        print("The ${peer} reset the connection.")
    except socket.timeout:
        print(f"The ${peer} did not reset the connection within {PATIENCE} seconds.")

`;

const RESET = `
def reset():
    """Throws the connection away: without lingering, close() sends RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

`;

function statement(step: Step, address: Address): string {
  return `    ${callOf(step, operand(step), address)}\n`;
}

function callOf(step: Step, what: string, { scheme }: Address): string {
  switch (step.do) {
    case "send":
      return scheme === "udp" ? `send(${what})` : `connection.sendall(${what})`;
    case "receive":
      return `receive(${what})`;
    case "end":
      return scheme === "tls" ? "end()" : "connection.shutdown(socket.SHUT_WR)";
    case "hear the end":
      return "hear_the_end()";
    case "be reset":
      return "be_reset()";
    case "reset":
      return "reset()";
  }
}

/** Literals that stand next to each other in parentheses are one, in Python. */
function literal(bytes: Uint8Array): string {
  if (bytes.length <= LITERAL_BYTES) return pythonBytes(bytes);
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += LITERAL_BYTES) {
    rows.push(`        ${pythonBytes(bytes.subarray(at, at + LITERAL_BYTES))}\n`);
  }
  return `\n${rows.join("")}    `;
}

/** The steps as a list of what to do and with what. */
function listed(steps: readonly Step[]): string {
  const rows = steps.map((step) => `    (${pythonText(step.do)},${spaced(operand(step))}),\n`);
  return `
# What happened, one after the other.
STEPS = [
${rows.join("")}]

`;
}

function operand(step: Step): string {
  if (step.do === "receive") return String(step.count);
  return step.do === "send" ? literal(step.bytes) : "None";
}

const spaced = (text: string) => (text.startsWith("\n") ? text : ` ${text}`);

const pythonText = (text: string) => `"${text}"`;

/** Only what occurs in the list. */
function loop(steps: readonly Step[], address: Address): string {
  const kinds = new Map(steps.map((step) => [step.do, step]));
  const cases = [...kinds.values()].map((step, i) => {
    const call = callOf(step, "what", address);
    return `        ${i === 0 ? "if" : "elif"} step == ${pythonText(step.do)}:\n            ${call}\n`;
  });
  return `    for step, what in STEPS:\n${cases.join("")}`;
}
