/** At the start: what the folder has, with the damaged ends of files whose writing was interrupted cut off. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  truncateSync,
  unlinkSync,
} from "node:fs";
import type { Logger } from "../log.ts";
import { lookAt, type Whole } from "./mend.ts";
import { idOfFile } from "./names.ts";
import type { Kept, Shelf } from "./shelf.ts";

export interface Recovered {
  /** Conversations that are there. */
  found: number;
  /** Of these, those whose writing was interrupted or of which the index knew nothing. */
  read: number;
  /** Bytes cut off. */
  cut: number;
}

/**
 * Fills the shelf. Files that the index knows in their full length are not opened, and files with other
 * names or other contents not touched. It works without pause, which is why it is done before anybody waits.
 * @throws what the system says when the folder itself cannot be read or the index not be written.
 */
export async function recover(shelf: Shelf, log: Logger): Promise<Recovered> {
  const index = shelf.readIndex();
  const known = index.size;
  const recovered: Recovered = { found: 0, read: 0, cut: 0 };
  for (const entry of readdirSync(shelf.folder, { withFileTypes: true })) {
    const id = idOfFile(entry.name);
    if (id === null || !entry.isFile()) continue;
    const ended = index.get(id);
    if (ended && lstatSync(shelf.pathOf(id)).size === ended.bytes) shelf.put(ended);
    else {
      const mended = mend(shelf, id, log);
      if (!mended) continue;
      shelf.put(mended.kept);
      recovered.read++;
      recovered.cut += mended.cut;
    }
    recovered.found++;
  }
  // Names of people whose files somebody deleted do not stay in the index either.
  if (recovered.read > 0 || recovered.found !== known) await shelf.saveIndex();
  return recovered;
}

/** One file that nobody said was whole; null when there is nothing of ours in it, or no way to read it. */
function mend(shelf: Shelf, id: string, log: Logger): { kept: Kept; cut: number } | null {
  const path = shelf.pathOf(id);
  try {
    const { whole, size, writtenAt } = examined(path);
    if (whole === "alien") {
      log.warn({ id }, "a file that is no recording is left alone");
      return null;
    }
    if (whole === "empty") {
      unlinkSync(path);
      return null;
    }
    const { startedAt, bytes } = whole;
    if (bytes < size) cutOff(path, bytes, log);
    const endedAt = Math.max(startedAt, writtenAt);
    return { kept: { id, ...whole, endedAt }, cut: size - bytes };
  } catch (error) {
    log.warn({ id, err: error }, "a kept conversation cannot be read");
    return null;
  }
}

function examined(path: string): {
  whole: Whole | "empty" | "alien";
  size: number;
  writtenAt: number;
} {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    const { size, mtimeMs } = fstatSync(fd);
    return { whole: lookAt(fd, size), size, writtenAt: Math.max(0, Math.floor(mtimeMs)) };
  } finally {
    closeSync(fd);
  }
}

/** A file that may not be written stays as it is; what is whole of it can be read all the same. */
function cutOff(path: string, bytes: number, log: Logger): void {
  try {
    truncateSync(path, bytes);
  } catch (error) {
    log.warn({ err: error }, "the damaged end of a kept conversation cannot be cut off");
  }
}
