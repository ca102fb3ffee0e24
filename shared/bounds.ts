/** Limits that page and gateway agree on. Every name ends in its unit. */

export const PROTOCOL_VERSION = 1;
/** WebSocket subprotocol (RFC 6455 section 1.9) of the page's endpoint. */
export const SUBPROTOCOL = "wireside.v1";
/** Path of the page's endpoint below the base path. */
export const WIRE_PATH = "wire";

export const FRAME_HEADER_BYTES = 16;
/** One DATA frame is one read of a socket or one send of a user, and never more than this. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
/** What a UDP datagram carries at most over IPv4: 65,535 less its headers (RFC 768, RFC 791). */
export const MAX_DATAGRAM_BYTES = 65_507;
export const MAX_FRAME_BYTES = FRAME_HEADER_BYTES + MAX_PAYLOAD_BYTES;
/** A control message is small; anything longer is a mistake or an attack. */
export const MAX_CONTROL_BYTES = 16 * 1024;
/** But the first names every connection of a page that comes back, up to 1024 and what is seen of them. */
export const MAX_HELLO_BYTES = MAX_FRAME_BYTES;

/** Credit each receiver grants beyond what it has consumed, unless `welcome` says otherwise. */
export const DEFAULT_WINDOW_BYTES = 256 * 1024;
/** Below one full frame of credit a sender could never send a full read. */
export const MIN_WINDOW_BYTES = MAX_PAYLOAD_BYTES;
export const MAX_WINDOW_BYTES = 16 * 1024 * 1024;

/** Offsets stay exact in a JavaScript number. */
export const MAX_OFFSET = 2 ** 53 - 1;
/** Channel 0 is never used; odd ids belong to the page, even ids to the gateway. */
export const MAX_CHANNEL_ID = 0xffff;
/** The frame clock counts 10 µs steps in 32 bits: 11.9 hours, longer than any session. */
export const CLOCK_STEP_MICROSECONDS = 10;
export const CLOCK_STEPS_PER_SECOND = 1e6 / CLOCK_STEP_MICROSECONDS;
export const MAX_CLOCK_STEPS = 0xffff_ffff;

/** Longest `tcp://…` text that is even looked at: a 253-character name and then some. */
export const MAX_ADDRESS_CHARACTERS = 300;
/** How often a page asks whether the gateway is still there, and how long it waits for any sign. */
export const LINK_PING_INTERVAL_MS = 5_000;
export const LINK_PING_TIMEOUT_MS = 10_000;
/** Visitors that may wait at the door of a listening page. */
export const MAX_BACKLOG = 511;
/** Longest delay or pause of the lab controls, in milliseconds. */
export const MAX_LAB_MS = 10_000;
