/** What a TLS socket's other end showed, in plain texts of bounded length. */
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from "node:tls";
import type { Certificate } from "../../shared/protocol.ts";

/** As in shared/protocol.ts: a certificate may hold megabytes of names. */
const MAX_NAMES = 32;
const MAX_NAME_CHARACTERS = 256;
const MAX_TEXT_CHARACTERS = 1024;

/** @param trusted whether the certificate passed every check. */
export function shownBy(socket: TLSSocket, trusted: boolean): Certificate {
  // Empty where the other end showed none.
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate() ?? {};
  return {
    protocol: socket.getProtocol() ?? "",
    cipher: socket.getCipher()?.standardName ?? "",
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    altNames: altNames(certificate.subjectaltname),
    validFrom: isoTime(certificate.valid_from),
    validTo: isoTime(certificate.valid_to),
    fingerprint256: certificate.fingerprint256 ?? "",
    trusted,
  };
}

/** The common name, or else the organisation: what a person would call it by. */
function nameOf(name: DetailedPeerCertificate["subject"] | undefined): string {
  const { CN, O, OU } = (name ?? {}) as Partial<Record<string, string | string[]>>;
  const said = CN ?? O ?? OU ?? "";
  return (Array.isArray(said) ? said.join(", ") : said).slice(0, MAX_TEXT_CHARACTERS);
}

/** `DNS:a.test, IP Address:127.0.0.1`; Node puts names that are not plain into quotes. */
function altNames(text = ""): string[] {
  const names = text.match(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names.slice(0, MAX_NAMES).map((name) => name.trim().slice(0, MAX_NAME_CHARACTERS));
}

/** OpenSSL writes `Mar  1 00:00:00 2027 GMT`. */
function isoTime(text = ""): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text.slice(0, 40) : new Date(time).toISOString();
}
