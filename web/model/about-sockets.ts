/** Events that only TLS and datagrams have, each in one sentence with its figures. */
import type { EventOf } from "../../shared/conversation.ts";
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
            text: `${bytes(event.bytes)} came faster than this page took what came before, so the gateway threw them away, as a kernel does. UDP sends nothing again.`,
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
