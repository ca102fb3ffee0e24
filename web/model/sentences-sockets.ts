/** What only TLS and datagrams have to say, in words that every view shares. */
import { formatEndpoint, type Transport } from "../../shared/address.ts";
import type { EventOf, Role } from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { Certificate, Endpoint } from "../../shared/protocol.ts";
import { bytes, count } from "./format.ts";
import { visibleText } from "./visible.ts";

/** The day of an ISO 8601 time; what is none is shown as it is. */
const day = (time: string): string => (/^\d{4}-\d\d-\d\dT/.test(time) ? time.slice(0, 10) : time);

/** `TLSv1.3, certificate for example.test, issued by Example CA, until 2027-03-01`. */
export function certificateText(shown: Certificate): string {
  const { protocol, subject, issuer, validFrom, validTo, altNames } = shown;
  const whom = subject || altNames[0]?.replace(/^[\w ]+:/, "") || "nobody";
  const by = issuer === subject ? "signed by itself" : `issued by ${issuer || "nobody"}`;
  const from = shown.trusted ? "" : `from ${day(validFrom)} `;
  const end = shown.trusted ? "" : ": not trusted";
  return visibleText(
    `${protocol || "TLS"}, certificate for ${whom}, ${by}, ${from}until ${day(validTo)}${end}`,
  );
}

/** Why a datagram came to nothing. */
function reason(code: FailureCode): string {
  switch (code) {
    case "ECONNREFUSED":
      return "nobody has that port (the other kernel said so by ICMP)";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "there is no way to that machine";
    case "EMSGSIZE":
      return "too long for one datagram";
    default:
      return `the kernel says ${code}`;
  }
}

/** `1 datagram came to nothing: …`. */
export function undeliveredText({ count: n, code }: EventOf<"undelivered">): string {
  return `${count(n, "datagram")} came to nothing: ${reason(code)}`;
}

/** `3 datagrams (4.00 KiB) dropped: …`. */
export function droppedText({ why, count: n, bytes: length }: EventOf<"dropped">): string {
  return why === "empty"
    ? `${count(n, "datagram")} without a byte came`
    : `${count(n, "datagram")} (${bytes(length)}) dropped: more came than this page had taken`;
}

/** What connect(2) came to: only a stream is connected to something. */
export function openedText(remote: Endpoint, transport: Transport, role: Role = "client"): string {
  const there = formatEndpoint(remote);
  if (role === "server") {
    return transport === "udp" ? `Datagrams from ${there}` : `Accepted connection from ${there}`;
  }
  if (transport === "udp") return `Sending to ${there} (UDP: no connection)`;
  return `Connected to ${there}${transport === "tls" ? ", inside TLS" : ""}`;
}

/** What close() came to over UDP: a peer of a serving page has no socket of its own. */
export const datagramsOver = (role: Role): string =>
  role === "server" ? "Peer let go" : "Socket closed";

/** Words of the sentences that speak of TCP, and what is true instead where there is none. */
const instead: Partial<Record<Transport, readonly (readonly [RegExp, string])[]>> = {
  unix: [
    [/ \((?:FIN|RST)\)/g, ""],
    [/ from unnamed\b/g, ""],
  ],
  udp: [
    [/\bconnecting to /, "opening a socket that sends to "],
    [/\bconnected to (\S+) from (\S+)/, "sending to $1 from $2 (UDP: no connection)"],
    [/(\S+) came to the door of (\S+)/, "a datagram from $1 came to $2"],
    [/\baccepted (\S+) at (\S+)/, "took in the datagrams of $1 at $2 (UDP: no connection)"],
    [/\byou hung up: the connection is closed\b/, "you let go of this end, and UDP tells nobody"],
  ],
};

/** A sentence about an event, in words that are true for what carried it. */
export function overTransport(text: string, transport: Transport): string {
  return (instead[transport] ?? []).reduce((said, [tcp, own]) => said.replace(tcp, own), text);
}
