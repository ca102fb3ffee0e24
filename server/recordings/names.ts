/** Names of files and folders for what people called otherwise: safe on every system, in archives and in URLs. */
import { createHash } from "node:crypto";

const MAX_WORD_CHARACTERS = 24;
const ENDING = ".jsonl";

/** When it began in UTC, a word for who had it, and eight digits that tell two of the same moment apart. */
const RECORDING_ID = /^\d{8}T\d{9}Z-[a-z0-9]+(?:-[a-z0-9]+){0,24}-[0-9a-f]{8}$/;
const MAX_ID_CHARACTERS = 80;

export const isRecordingId = (text: string) =>
  text.length <= MAX_ID_CHARACTERS && RECORDING_ID.test(text);

/**
 * `20261124T121403648Z-trinity-5c1f09ab`. The key is only in the digits: it may name a session, and file
 * names are read by more people than files.
 * @param startedAt milliseconds since 1970.
 */
export function recordingId(of: { startedAt: number; student: string; key: string }): string {
  const moment = new Date(of.startedAt).toISOString().replace(/[-:.]/g, "");
  return `${moment}-${word(of.student) || "student"}-${digest(of.key)}`;
}

export const fileName = (id: string) => `${id}${ENDING}`;

/** The id in a file's name; null for a file that is none of ours. */
export function idOfFile(name: string): string | null {
  const id = name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : "";
  return isRecordingId(id) ? id : null;
}

/**
 * The folder of a class: its name where that is a safe one, else as much of it as is, with digits that tell
 * it from other names of which the same is left.
 */
export function folderName(className: string): string {
  const safe = word(className);
  const isSafe = safe !== "" && safe === className.toLowerCase() && !DEVICE.test(safe);
  return isSafe ? safe : `${safe || "class"}-${digest(className)}`;
}

/** What Windows takes for a device, whatever the folder. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Small ASCII letters, digits, and single hyphens between them; accents go, other scripts too. */
function word(text: string): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "");
  return words.slice(0, MAX_WORD_CHARACTERS).replace(/-+$/, "");
}
