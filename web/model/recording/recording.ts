/** A conversation as it is kept in a file, and what the file formats have in common. */
import {
  type Address,
  formatEndpoint,
  parseAddress,
  type Transport,
  transportOf,
} from "../../../shared/address.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import type { Platform } from "../../../shared/errors.ts";

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

/** The address that was dialled; of a recording without its beginning, the one it was connected to. */
export function addressOf({ events }: Pick<Recording, "events">): Address | null {
  for (const event of events) {
    if (event.kind === "opening") return event.address;
    if (event.kind !== "open" || event.side !== "near") continue;
    const there = formatEndpoint(event.remote);
    const parsed = parseAddress(there.startsWith("/") ? `unix:${there}` : there);
    return parsed.ok ? parsed.address : null;
  }
  return null;
}

/** What carried it; TCP where its beginning was no longer kept and nothing says otherwise. */
export function transportOfRecording(recording: Pick<Recording, "events">): Transport {
  const address = addressOf(recording);
  return address ? transportOf(address) : "tcp";
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
