/** A conversation as it is kept in a file, and what the file formats have in common. */
import {
  type Address,
  formatEndpoint,
  parseAddress,
  type Transport,
  transportOf,
} from "../../../shared/address.ts";
import type { ConversationEvent, Role } from "../../../shared/conversation.ts";
import type { Platform } from "../../../shared/errors.ts";
import type { Endpoint } from "../../../shared/protocol.ts";
import type { Conversation } from "../conversation.ts";

export interface Recording {
  /** When it began, in milliseconds since 1970. */
  startedAt: number;
  /** System of the gateway that held the socket: errno differ between systems. */
  platform: Platform;
  events: readonly ConversationEvent[];
  /** How many of the earliest events were no longer kept when it was saved. */
  forgotten: number;
}

/** What opening a file gave: all that could be read, and where it broke, if it did. */
export interface Opened {
  recording: Recording;
  /** The line where it broke, from 1, and whole sentences for people, in which the line is named. */
  problem: { line: number; text: string } | null;
}

/** Which end of the conversation the page was. */
export function roleOf({ events }: Pick<Recording, "events">): Role {
  return events.some(({ kind }) => kind === "arrival") ? "server" : "client";
}

/**
 * What has to stand before the events that are kept, so that they can be understood: a visitor's arrival
 * and its accept(2), without which nobody would know that the page was the server; or whom the page called.
 * Nothing where they begin so, as the whole does, and what a gateway gives back.
 */
export function beginningOf({ state, forgotten, events }: Conversation): ConversationEvent[] {
  const { role, address, local, remote, openedAt, transport } = state;
  const first = events[0]?.kind;
  if (forgotten < 2 || first === "arrival" || first === "opening") return [];
  if (!local || !remote || openedAt === null) return [];
  const ends = { side: "near", local, remote } as const;
  const open = { kind: "open", at: openedAt, ...ends } as const;
  if (role === "server") {
    return [{ kind: "arrival", at: 0, ...ends, ...(transport === "udp" && { transport }) }, open];
  }
  return address ? [{ kind: "opening", at: 0, side: "near", address }, open] : [];
}

/**
 * The address that was dialled, or served; of a recording without its beginning, the one it was
 * connected to.
 */
export function addressOf({ events }: Pick<Recording, "events">): Address | null {
  for (const event of events) {
    if (event.kind === "opening") return event.address;
    if (event.kind === "arrival") return at(event.local, event.transport);
    if (event.kind === "open" && event.side === "near") return at(event.remote);
  }
  return null;
}

/** What carried it; TCP where its beginning was no longer kept and nothing says otherwise. */
export function transportOfRecording(recording: Pick<Recording, "events">): Transport {
  const address = addressOf(recording);
  return address ? transportOf(address) : "tcp";
}

function at(endpoint: Endpoint, transport: "tcp" | "udp" = "tcp"): Address | null {
  const there = formatEndpoint(endpoint);
  const parsed = parseAddress(there.startsWith("/") ? `unix:${there}` : `${transport}://${there}`);
  return parsed.ok ? parsed.address : null;
}

/** A file in the making: its parts one after the other, so that a large one need not stall the page. */
export type Parts = Iterable<string | Uint8Array<ArrayBuffer>>;

export interface Format {
  id: "jsonl" | "cast" | "pcapng" | "txt";
  /** `Recording`, `Terminal recording (asciicast)` … */
  name: string;
  /** One line on what it is good for. */
  about: string;
  extension: string;
  mime: string;
  write(recording: Recording): Parts;
}
