/**
 * A conversation for Wireshark, as pcapng. What was recorded are calls and no packets, so no TCP
 * headers are made up: each call is an "exported PDU" (link type 252), which is addresses, ports and
 * bytes without anything around them.
 */

import { formatAddress, type Transport } from "../../../shared/address.ts";
import {
  type ConversationEvent,
  type Direction,
  type Role,
  sends,
} from "../../../shared/conversation.ts";
import type { Endpoint } from "../../../shared/protocol.ts";
import { sentence } from "../sentences.ts";
import { overTransport } from "../sentences-sockets.ts";
import { addressBytes } from "./ip.ts";
import {
  EPB_FLAGS,
  enhancedPacket,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSRESOL,
  interfaceDescription,
  OPT_COMMENT,
  SHB_USERAPPL,
  sectionHeader,
} from "./pcapng-blocks.ts";
import {
  addressOf,
  type Parts,
  type Recording,
  roleOf,
  transportOfRecording,
} from "./recording.ts";

/** LINKTYPE_WIRESHARK_UPPER_PDU: the tags below, then the bytes. */
const LINK_TYPE = 252;
/** Tags of an exported PDU (Wireshark's epan/exported_pdu.h); big-endian, unlike the blocks. */
const Tag = {
  end: 0,
  dissector: 12,
  ipv4: { source: 20, destination: 21 },
  ipv6: { source: 22, destination: 23 },
  portType: 24,
  sourcePort: 25,
  destinationPort: 26,
  protocolColumn: 33,
} as const;
/** EXP_PDU_PT_TCP and EXP_PDU_PT_UDP; a Unix socket has no ports. */
const PORT_TYPES = { tcp: 2, tls: 2, udp: 3, unix: null } as const;
const encoder = new TextEncoder();
/** Bytes as they are: a call may hold half a message, or two. */
const DISSECTOR = encoder.encode("data");
/** What Wireshark's list of packets shows as the protocol: no name that promises packets. */
const PROTOCOL = encoder.encode("call");

/** if_tsresol: 10^-6 s, ten units for a step of the recording's clock. */
const MICROSECONDS = 6;
/** epb_flags: the packet's way, seen from this end. */
const INBOUND = 1;
const OUTBOUND = 2;

const HONEST =
  "These are calls and not packets. Each is one send or one read of the program that held the socket: " +
  "a packet on the wire may have carried part of one, or several. Packets without bytes are other " +
  "events, told in their comments. There are no TCP headers, because nobody saw any.";

/** What besides is to be said of a transport. */
const honest: Partial<Record<Transport, string>> = {
  tls: " The bytes are those inside TLS: on the network they were encrypted.",
  unix: " It was a Unix socket, which has no packets, addresses and ports: its path is in the comments.",
};

/** The endpoint of each. */
type Ends = Record<Role, Endpoint>;

interface Between {
  ends: Ends | null;
  transport: Transport;
}

/** The whole file. Calls of the other end and the kernel's states are not in it. */
export function* writePcapng(recording: Recording): Parts {
  const address = addressOf(recording);
  const transport = transportOfRecording(recording);
  const role = roleOf(recording);
  const where = role === "client" ? "with" : "as the server at";
  const about = address ? `A conversation ${where} ${formatAddress(address)}. ` : "";
  yield sectionHeader([
    [OPT_COMMENT, about + missing(recording) + HONEST + (honest[transport] ?? "")],
    [SHB_USERAPPL, "Wireside"],
  ]);
  yield interfaceDescription(LINK_TYPE, [
    [IF_NAME, "wireside"],
    [IF_DESCRIPTION, "Socket calls recorded by Wireside"],
    [IF_TSRESOL, Uint8Array.of(MICROSECONDS)],
  ]);
  let ends: Ends | null = null;
  for (const [index, event] of recording.events.entries()) {
    if (event.side === "far" || event.kind === "kernel") continue;
    if (event.kind === "attempt" || event.kind === "arrival" || event.kind === "open") {
      const { local, remote } = event;
      ends =
        role === "client" ? { client: local, server: remote } : { client: remote, server: local };
    }
    const told = sentence(event, recording.events[index + 1], role).text;
    const said = overTransport(told, transport);
    yield packet(event, {
      role,
      between: { ends, transport },
      said,
      startedAt: recording.startedAt,
    });
  }
}

function missing({ forgotten }: Recording): string {
  return forgotten > 0 ? `Its first ${forgotten} events were no longer kept. ` : "";
}

interface PacketContext {
  role: Role;
  between: Between;
  /** The event in words. */
  said: string;
  startedAt: number;
}

function packet(
  event: ConversationEvent,
  { role, between, said, startedAt }: PacketContext,
): Uint8Array<ArrayBuffer> {
  const direction = directionOf(event, role);
  const flag = direction === sends(role) ? OUTBOUND : INBOUND;
  const header = tags(between, direction);
  const carries = event.kind === "data";
  const payload = carries ? event.bytes : new Uint8Array(0);
  const length = header.length + (carries ? event.length : 0);
  const time = startedAt * 1000 + Math.round(event.at * 1e6);
  return enhancedPacket(time, [header, payload], Math.min(length, 0xffff_ffff), [
    [OPT_COMMENT, said],
    [EPB_FLAGS, Uint8Array.of(flag, 0, 0, 0)],
  ]);
}

/** Which way it went; what this end did by itself goes out, and a visitor came in. */
function directionOf(event: ConversationEvent, role: Role): Direction {
  if (event.kind === "arrival") return "out";
  return "direction" in event ? event.direction : sends(role);
}

function tags({ ends, transport }: Between, direction: Direction): Uint8Array {
  const bytes: number[] = [];
  tag(bytes, Tag.dissector, DISSECTOR);
  const portType = PORT_TYPES[transport];
  if (ends && portType !== null) {
    const [source, destination] =
      direction === "out" ? [ends.client, ends.server] : [ends.server, ends.client];
    addressTag(bytes, source, "source");
    addressTag(bytes, destination, "destination");
    tag(bytes, Tag.portType, word(portType));
    tag(bytes, Tag.sourcePort, word(source.port));
    tag(bytes, Tag.destinationPort, word(destination.port));
  }
  tag(bytes, Tag.protocolColumn, PROTOCOL);
  tag(bytes, Tag.end, []);
  return Uint8Array.from(bytes);
}

function addressTag(bytes: number[], { host }: Endpoint, end: "source" | "destination"): void {
  const address = addressBytes(host);
  if (address) tag(bytes, (address.length === 4 ? Tag.ipv4 : Tag.ipv6)[end], address);
}

/** Code and length in 16 bits each, then the value: as long as 32 bits, or a multiple of it. */
function tag(bytes: number[], code: number, value: ArrayLike<number>): void {
  bytes.push(code >> 8, code & 255, value.length >> 8, value.length & 255, ...Array.from(value));
}

const word = (value: number) => [
  value >>> 24,
  (value >> 16) & 255,
  (value >> 8) & 255,
  value & 255,
];
