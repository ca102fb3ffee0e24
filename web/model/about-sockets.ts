/** Events that only TLS and datagrams have, each in one sentence with its figures. */
import { formatAddress, formatEndpoint, type Transport } from "../../shared/address.ts";
import type { ConversationEvent, EventOf, Role } from "../../shared/conversation.ts";
import type { About } from "./about.ts";
import { bytes, count } from "./format.ts";
import { visibleText } from "./visible.ts";

export function aboutSocket(event: EventOf<"tls" | "undelivered" | "dropped">): About {
  switch (event.kind) {
    case "tls":
      return aboutTls(event);
    case "undelivered":
      return {
        title: "A datagram came to nothing",
        text:
          event.code === "ECONNREFUSED"
            ? "UDP itself refuses nobody: the kernel over there sent an ICMP message, “port unreachable”, and ours tells the socket about it."
            : "The kernel could not send it, and says so; UDP tries nothing again by itself.",
        source: { label: "udp(7), RFC 1122, section 4.1.3.3" },
      };
    case "dropped":
      return event.why === "empty"
        ? {
            title: `${count(event.count, "datagram")} without a byte`,
            text: "A UDP datagram may be empty. There is nothing to show of it, so it is counted.",
            source: { label: "RFC 768" },
          }
        : {
            title: `${count(event.count, "datagram")} dropped`,
            text: `More came than this page had taken, so the gateway threw ${bytes(event.bytes)} away, as a kernel does. UDP sends nothing again.`,
            source: { label: "udp(7)" },
          };
  }
}

/** The certificate in full; Wireside is inside TLS, so that what it shows is the plaintext. */
function aboutTls(event: EventOf<"tls">): About {
  const { protocol, cipher, subject, issuer, altNames, validFrom, validTo } = event;
  const names = altNames.length > 0 ? ` It is good for ${altNames.join(", ")}.` : "";
  const verdict = event.trusted
    ? "The gateway trusts who signed it."
    : "The gateway does not trust it, and sent nothing inside TLS.";
  return {
    title: event.trusted ? "TLS agreed, certificate checked" : "TLS shows a certificate",
    text: visibleText(
      `${protocol}, ${cipher}. The certificate is for ${subject || "nobody by name"}, issued by ${issuer || "nobody"}, valid from ${validFrom} to ${validTo}.${names} ${verdict} Its SHA-256 is ${event.fingerprint256}. All bytes shown here are those inside TLS; on the network they are encrypted.`,
    ),
    source: { label: "RFC 8446, RFC 5280" },
  };
}

/** Events that are something else without TCP; null where there is nothing to add. */
export function aboutPlain(
  event: ConversationEvent,
  { transport, role }: { transport: Transport; role: Role },
): About | null {
  if (event.side === "far") return null;
  if (transport === "udp") return (role === "server" ? aboutPeer(event) : null) ?? aboutUdp(event);
  return transport === "unix" ? aboutUnix(event) : null;
}

/** What is different where the page serves: one socket for everybody. */
function aboutPeer(event: ConversationEvent): About | null {
  switch (event.kind) {
    case "arrival":
      return {
        title: "A datagram from somebody new",
        text: `It came from ${formatEndpoint(event.remote)}, as its header says; nobody has checked that. The gateway keeps it, and up to 64 KiB that follow, until they are taken in.`,
        source: { label: "recvfrom(2), RFC 768" },
      };
    case "open":
      return {
        title: "Its datagrams are read from here on",
        text: `UDP has no accept(): no call took it in, and no socket was made. All who send to ${formatEndpoint(event.local)} share that one socket, and are told apart by where their datagrams come from.`,
        source: { label: "udp(7)" },
      };
    case "closed":
      return {
        title: "You let go of this peer",
        text: "Nothing was sent, and nothing there is over: if it sends again, that is somebody new at the door.",
        source: { label: "udp(7)" },
      };
    default:
      return null;
  }
}

function aboutUdp(event: ConversationEvent): About | null {
  switch (event.kind) {
    case "opening":
      return {
        title: "A socket for datagrams",
        text: `The page asked the gateway for a UDP socket that sends to ${formatAddress(event.address)}.`,
        source: { label: "udp(7)" },
      };
    case "open":
      return {
        title: "connect() returned, and nothing was sent",
        text: `A UDP socket's connect() only notes where send() goes: from ${formatEndpoint(event.local)} to ${formatEndpoint(event.remote)}. Nobody over there knows of it, and nobody may be there.`,
        source: { label: "udp(7)" },
      };
    case "closed":
      return {
        title: "Your socket was closed",
        text: "Only this end knows: UDP has no connection that could end, and tells the other end nothing.",
        source: { label: "close(2)" },
      };
    default:
      return null;
  }
}

function aboutUnix(event: ConversationEvent): About | null {
  switch (event.kind) {
    case "opening":
      return {
        title: "The call begins",
        text: `The page asked the gateway to connect to the Unix socket ${event.address.host}, a file of the gateway's own machine.`,
        source: { label: "unix(7)" },
      };
    case "open":
      return {
        title: "connect() returned",
        text: "Both ends are on one machine, and its kernel put them together at once: no packets, no handshake, no states of TCP. The client's end has no name.",
        source: { label: "unix(7)" },
      };
    case "eof":
      return event.direction === "out"
        ? {
            title: "You ended your direction",
            text: "With shutdown() you told the kernel, and the server's recv() returns b'' after your last byte. No packet carries that: there is no FIN.",
            source: { label: "shutdown(2)" },
          }
        : {
            title: "The server ended its direction",
            text: "Your recv() returned b'', and it always will from now on. There was no FIN: both ends have the same kernel.",
            source: { label: "recv(2)" },
          };
    case "reset":
      return {
        title: event.direction === "in" ? "The server broke off" : "You gave the connection up",
        text:
          event.direction === "in"
            ? "It closed its socket with bytes unread, and the kernel tells this end so with ECONNRESET. A Unix socket that is closed with nothing unread just ends."
            : "The socket was closed at once. The server reads the end, or ECONNRESET if what it had sent was not read.",
        source: { label: "unix(7)" },
      };
    default:
      return null;
  }
}
