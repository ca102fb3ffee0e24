/**
 * A page whose session lives on another gateway of its class: its WebSocket is carried there, message by
 * message. Nothing of it is looked at here. What the page does not read the other gateway does not get rid of
 * either, and does what it does with any page of its own that is behind.
 */
import { WebSocket } from "ws";
import { SUBPROTOCOL, WIRE_PATH } from "../../shared/bounds.ts";

/** Marks a WebSocket that was carried already, so that two gateways that disagree do not carry it in a circle. */
export const RELAYED_HEADER = "wireside-relayed";

const CONNECT_MS = 3_000;

export interface RelayFollower {
  message(data: Buffer, isBinary: boolean): void;
  /** The other gateway has closed it, with its code or none (1005), or is gone (1006). */
  closed(code: number, reason: string): void;
}

export interface Relay {
  send(data: Buffer, isBinary: boolean): void;
  /** Whether more is taken from the other gateway; else it waits there. */
  flow(on: boolean): void;
  /** The page has gone, with that code. */
  close(code: number): void;
}

/**
 * Opens a WebSocket to the other gateway as the page would: with its cookie, which every gateway of the
 * class knows, and as one of that gateway's own pages.
 * @param url where the other gateway has its page.
 * @param first what the page has said already.
 * @returns null where it cannot be reached or lets nobody in.
 */
export function openRelay(
  url: string,
  cookie: string,
  first: string,
  follower: RelayFollower,
): Promise<Relay | null> {
  const wire = new URL(WIRE_PATH, url);
  const { origin } = wire;
  wire.protocol = wire.protocol === "https:" ? "wss:" : "ws:";
  const ws = new WebSocket(wire, SUBPROTOCOL, {
    origin,
    headers: { cookie, [RELAYED_HEADER]: "1" },
    perMessageDeflate: false,
    handshakeTimeout: CONNECT_MS,
  });
  return new Promise((resolve) => {
    // "close" follows, also where it never was open.
    ws.on("error", () => resolve(null));
    ws.on("close", (code, reason) => follower.closed(code, reason.toString()));
    ws.on("message", (data, isBinary) => follower.message(data as Buffer, isBinary));
    ws.once("open", () => {
      ws.send(first);
      resolve({
        send: (data, isBinary) => ws.send(data, { binary: isBinary }),
        flow: (on) => {
          if (on !== ws.isPaused) return;
          if (on) ws.resume();
          else ws.pause();
        },
        close: (code) => {
          // Its answer to the close has to be read.
          ws.resume();
          if (code === 1000) ws.close(code);
          else ws.terminate();
        },
      });
    });
  });
}
