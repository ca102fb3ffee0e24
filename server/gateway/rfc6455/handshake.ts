/** The server's part of the opening handshake (RFC 6455 section 4.2). */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Section 1.3: shows that the other end knows what a WebSocket is. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** What makes a request no WebSocket handshake: a status and a sentence; null when it is one. */
export function handshakeProblem(request: IncomingMessage): [number, string] | null {
  const { upgrade, "sec-websocket-key": key, "sec-websocket-version": version } = request.headers;
  if (request.method !== "GET") return [405, "A WebSocket is asked for with GET."];
  if (upgrade?.toLowerCase() !== "websocket") return [400, "This is an upgrade to something else."];
  if (!KEY.test(key ?? "")) return [400, "Sec-WebSocket-Key must be 16 bytes in base64."];
  if (version !== "13") return [426, "WebSockets are spoken here in version 13."];
  return null;
}

/** The subprotocols a client offers, in its order. */
export function offeredProtocols(request: IncomingMessage): string[] {
  const header = request.headers["sec-websocket-protocol"] ?? "";
  return header
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** The answer that makes the connection a WebSocket, without extensions. */
export function handshakeAnswer(request: IncomingMessage, protocol: string | null): string {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...(protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    "\r\n",
  ].join("\r\n");
}
