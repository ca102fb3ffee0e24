/** What a conversation can be saved as, and what such a file is called. */
import { writeAsciicast } from "./asciicast.ts";
import { writeJsonl } from "./jsonl.ts";
import { writePcapng } from "./pcapng.ts";
import { addressOf, type Format, type Recording } from "./recording.ts";
import { writeText } from "./text.ts";

export const formats: readonly Format[] = [
  {
    id: "jsonl",
    name: "Recording",
    about: "Everything, to open again here.",
    extension: "jsonl",
    mime: "application/jsonl",
    write: writeJsonl,
  },
  {
    id: "cast",
    name: "Terminal recording (asciicast)",
    about: "What the terminal showed, for asciinema.",
    extension: "cast",
    mime: "application/x-asciicast",
    write: writeAsciicast,
  },
  {
    id: "pcapng",
    name: "Capture (pcapng)",
    about: "Each send and read with its bytes, for Wireshark.",
    extension: "pcapng",
    mime: "application/x-pcapng",
    write: writePcapng,
  },
  {
    id: "txt",
    name: "Text",
    about: "One sentence for each event, to read or print.",
    extension: "txt",
    mime: "text/plain;charset=utf-8",
    write: writeText,
  },
];

/** Some systems take no longer names than 255 bytes; a host name has up to 253. */
const MAX_HOST_CHARACTERS = 100;

/**
 * `wireside-127.0.0.1-8000-2026-11-24T10-12-00.jsonl`: from where and when it was (UTC), in characters
 * that every system takes.
 */
export function fileName(recording: Recording, extension: string): string {
  const address = addressOf(recording);
  const where = address ? [address.host.slice(0, MAX_HOST_CHARACTERS), `${address.port}`] : [];
  const when = new Date(recording.startedAt).toISOString().slice(0, 19);
  const name = ["wireside", ...where, when].join("-");
  return `${name.replace(/[^A-Za-z0-9._-]/g, "-")}.${extension}`;
}
