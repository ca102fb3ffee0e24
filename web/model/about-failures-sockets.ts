/** Failures of TLS, Unix sockets and datagrams: where each is described. */
import type { FailureCode } from "../../shared/errors.ts";
import type { Row } from "./about-failures.ts";

const CHAIN = "RFC 5280, section 6";

export const socketRows: Partial<Record<FailureCode, Row>> = {
  TLS_SELF_SIGNED: {
    text: "A certificate is worth what its signer is. This one was signed with its own key, which anybody can do, so it proves nothing about who is there.",
    source: CHAIN,
  },
  TLS_UNKNOWN_ISSUER: {
    text: "Trust goes from signer to signer, up to one that this gateway was told to trust. Here that chain leads to nobody it knows.",
    source: CHAIN,
  },
  TLS_EXPIRED: {
    text: "A certificate carries the time in which it is good, and by the gateway's clock that is over.",
    source: "RFC 5280, section 4.1.2.5",
  },
  TLS_NOT_YET_VALID: {
    text: "A certificate carries the time in which it is good, and by the gateway's clock that has not begun.",
    source: "RFC 5280, section 4.1.2.5",
  },
  TLS_WRONG_HOST: {
    text: "The certificate names the hosts it is good for, and the one that was asked for is not among them.",
    source: "RFC 6125, section 6",
  },
  TLS_BAD_CERTIFICATE: {
    text: "One of the checks of the certificate and of those who signed it failed.",
    source: CHAIN,
  },
  TLS_NOT_TLS: {
    text: "Every TLS record begins with its kind and a version. What came in begins with something else.",
    source: "RFC 8446, section 5.1",
  },
  TLS_REFUSED: {
    text: "An alert is how a TLS end says no, with a number for the reason, and then it closes.",
    source: "RFC 8446, section 6",
  },
  TLS_ENDED: {
    text: "TCP ended before both ends had agreed on their keys, without an alert that says why.",
    source: "RFC 8446, section 6.1",
  },
  TLS_TIMEOUT: {
    text: "The TCP connection stood, the first message of TLS went out, and nothing came back in time.",
    source: "RFC 8446, section 4.1",
  },
  TLS_ERROR: {
    text: "What came in could not be decrypted or understood, so that nothing after it could be trusted.",
    source: "RFC 8446, section 6.2",
  },
  ENOENT: {
    text: "A Unix socket's address is a file that bind() makes, and there is none of that name.",
    source: "unix(7)",
  },
  EAGAIN: {
    text: "As many connections wait as listen() allowed, and a Unix socket that may not block is told so at once.",
    source: "unix(7)",
  },
  EPROTOTYPE: {
    text: "Both ends of a Unix socket have to be of one type, and this file belongs to another.",
    source: "unix(7)",
  },
  EMSGSIZE: {
    text: "A datagram goes as a whole: its length has 16 bits, of which headers take a part.",
    source: "udp(7)",
  },
};
