/**
 * Failures that only Unix sockets, datagrams and TLS have. The names of OpenSSL's verification errors
 * are those of X509_verify_cert_error_string(3), in the words that Python prints.
 */
import { type Failure, type FailureContext, isUnixPath, targetOf } from "./failure.ts";

const unverified = (why: string) =>
  `[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ${why}`;

/** `IP address mismatch …` where the target has no name (ssl.SSLCertVerificationError of Python). */
function mismatch({ host }: FailureContext): string {
  if (host === "") return unverified("Hostname mismatch");
  const kind = host.includes(":") || /^[\d.]+$/.test(host) ? "IP address" : "Hostname";
  return unverified(`${kind} mismatch, certificate is not valid for '${host}'.`);
}

/** A name as OpenSSL has them: what a detail from elsewhere must be before it becomes part of a headline. */
const IDENTIFIER = /^[A-Z0-9_]{1,80}$/;

/** OpenSSL's reason, `SSLV3_ALERT_HANDSHAKE_FAILURE`, as it prints it; other words where it is not known. */
const opensslReason = ({ detail }: FailureContext, otherwise: string) =>
  IDENTIFIER.test(detail)
    ? `[SSL: ${detail}] ${detail.toLowerCase().replaceAll("_", " ")}`
    : otherwise;

const lookAtCertificate = "Look at the certificate: who it is for, who signed it, until when.";

export const socketFailures = {
  TLS_SELF_SIGNED: {
    wire: 40,
    python: "ssl.SSLCertVerificationError",
    message: unverified("self-signed certificate"),
    sentence: (c) =>
      `The server at ${targetOf(c)} shows a certificate that it signed itself: nobody this gateway trusts vouches for it. Nothing was sent inside TLS.`,
    hints: () => [
      "If you know this certificate, start the gateway with --ca FILE to trust it.",
      lookAtCertificate,
    ],
  },
  TLS_UNKNOWN_ISSUER: {
    wire: 41,
    python: "ssl.SSLCertVerificationError",
    message: unverified("unable to get local issuer certificate"),
    sentence: (c) =>
      `The certificate of ${targetOf(c)} was signed by somebody this gateway does not know. Nothing was sent inside TLS.`,
    hints: () => [
      "For a private authority, start the gateway with --ca FILE.",
      "The server may have left out certificates in between: it has to send its whole chain.",
    ],
  },
  TLS_EXPIRED: {
    wire: 42,
    python: "ssl.SSLCertVerificationError",
    message: unverified("certificate has expired"),
    sentence: (c) => `The certificate of ${targetOf(c)} was valid once, and its time is over.`,
    hints: () => [
      "Whoever runs the server has to renew it.",
      "Check the clock of the gateway's machine.",
    ],
  },
  TLS_NOT_YET_VALID: {
    wire: 43,
    python: "ssl.SSLCertVerificationError",
    message: unverified("certificate is not yet valid"),
    sentence: (c) => `The certificate of ${targetOf(c)} becomes valid only later.`,
    hints: () => ["Check the clock of the gateway's machine.", lookAtCertificate],
  },
  TLS_WRONG_HOST: {
    wire: 44,
    python: "ssl.SSLCertVerificationError",
    message: mismatch,
    sentence: (c) =>
      `The certificate is genuine, but it was not made out to ${c.host}: another server answers here.`,
    hints: () => ["Connect by a name that the certificate has.", lookAtCertificate],
  },
  TLS_BAD_CERTIFICATE: {
    wire: 45,
    python: "ssl.SSLCertVerificationError",
    message: ({ detail }) =>
      unverified(
        IDENTIFIER.test(detail)
          ? detail.toLowerCase().replaceAll("_", " ")
          : "certificate rejected",
      ),
    sentence: (c) => `The certificate of ${targetOf(c)} does not pass the checks.`,
    hints: () => [lookAtCertificate],
  },
  TLS_NOT_TLS: {
    wire: 46,
    python: "ssl.SSLError",
    message: "[SSL: WRONG_VERSION_NUMBER] wrong version number",
    sentence: (c) =>
      `The server at ${targetOf(c)} answered, but not in TLS: it speaks something else on this port.`,
    hints: (c) => [`Try tcp://${targetOf(c)}, without TLS.`, "Check the port number."],
  },
  TLS_REFUSED: {
    wire: 47,
    python: "ssl.SSLError",
    message: (c) => opensslReason(c, "an alert of the other end"),
    sentence: (c) =>
      `The server at ${targetOf(c)} broke TLS off with an alert: it does not accept what this end offers.`,
    hints: () => [
      "It may want an older version of TLS, another name, or a certificate of the client.",
      "Look at the server's output.",
    ],
  },
  TLS_ENDED: {
    wire: 48,
    python: "ssl.SSLEOFError",
    message: "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol",
    sentence: (c) =>
      `The server at ${targetOf(c)} hung up in the middle of the TLS handshake, without a word.`,
    hints: (c) => [
      "Perhaps it does not speak TLS on this port.",
      `Try tcp://${targetOf(c)} to see what it says.`,
    ],
  },
  TLS_TIMEOUT: {
    wire: 49,
    python: "TimeoutError",
    message: "The handshake operation timed out",
    sentence: (c) =>
      `TCP connected to ${targetOf(c)}, but the TLS handshake got no answer${c.detail ? ` within ${c.detail}` : ""}.`,
    hints: (c) => [
      "Perhaps the server does not speak TLS here, and waits for you to say something.",
      `Try tcp://${targetOf(c)}, without TLS.`,
    ],
  },
  TLS_ERROR: {
    wire: 50,
    python: "ssl.SSLError",
    message: (c) => opensslReason(c, "an error of TLS"),
    sentence: () => "What came in is not TLS as it should be, so the connection was given up.",
    hints: () => ["Connect again.", "Look at the server's output."],
  },
  ENOENT: {
    wire: 51,
    python: "FileNotFoundError",
    errno: { linux: 2, darwin: 2, win32: 2 },
    message: "No such file or directory",
    sentence: (c) => `There is no file ${c.host}: no program has bound a socket to that path.`,
    hints: () => ["Start the server that makes this socket, then try again.", "Check the path."],
  },
  EAGAIN: {
    wire: 52,
    python: "BlockingIOError",
    errno: { linux: 11, darwin: 35, win32: 10035 },
    message: "Resource temporarily unavailable",
    sentence: (c) =>
      isUnixPath(c)
        ? `The queue at ${c.host} is full: its program is not accepting, and a Unix socket lets nobody wait outside.`
        : "The kernel has no room for this now.",
    hints: () => ["Try again when the server has accepted somebody."],
  },
  EPROTOTYPE: {
    wire: 53,
    python: "OSError",
    errno: { linux: 91, darwin: 41, win32: 10041 },
    message: "Protocol wrong type for socket",
    sentence: (c) => `${c.host} is a socket for datagrams, and this end wants a stream.`,
    hints: () => ["Choose a stream socket of that program."],
  },
  EMSGSIZE: {
    wire: 54,
    python: "OSError",
    errno: { linux: 90, darwin: 40, win32: 10040 },
    message: "Message too long",
    sentence: (c) =>
      `The datagram is too long${c.detail ? ` (${c.detail})` : ""}: UDP sends it whole or not at all, so nothing was sent.`,
    hints: () => ["Send less at a time: a UDP datagram carries 65,507 bytes at most."],
  },
} satisfies Record<string, Failure>;

type SocketFailureCode = keyof typeof socketFailures;

/** What OpenSSL and Node call the reasons against a certificate, and the failures they are here. */
const CERTIFICATE_REASONS: Record<string, SocketFailureCode> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS_SELF_SIGNED",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS_UNKNOWN_ISSUER",
  UNABLE_TO_GET_ISSUER_CERT: "TLS_UNKNOWN_ISSUER",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS_UNKNOWN_ISSUER",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS_UNKNOWN_ISSUER",
  CERT_HAS_EXPIRED: "TLS_EXPIRED",
  CERT_NOT_YET_VALID: "TLS_NOT_YET_VALID",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS_WRONG_HOST",
  HOSTNAME_MISMATCH: "TLS_WRONG_HOST",
};
/** Other reasons against a certificate, by how OpenSSL's names of them begin. */
const ANY_CERTIFICATE_REASON = /^(?:CERT_|CRL_|INVALID_|PATH_|UNABLE_TO_)/;
/** What arrives where a TLS record should be and is none. */
const NOT_TLS =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/;

/** The failure that a code of OpenSSL or of Node's TLS stands for; undefined for any other code. */
export function tlsFailureOf(code: string): SocketFailureCode | undefined {
  if (Object.hasOwn(CERTIFICATE_REASONS, code)) return CERTIFICATE_REASONS[code];
  if (NOT_TLS.test(code)) return "TLS_NOT_TLS";
  if (/^ERR_SSL_.*ALERT_/.test(code)) return "TLS_REFUSED";
  if (code.startsWith("ERR_SSL_")) return "TLS_ERROR";
  return ANY_CERTIFICATE_REASON.test(code) ? "TLS_BAD_CERTIFICATE" : undefined;
}
