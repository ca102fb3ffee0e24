/** A large file on disk whose content repeats nowhere, and its hash. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";

const PIECE_BYTES = 1024 * 1024;

export interface BigFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** Writes a file of whole mebibytes: random once, and each mebibyte with a number of its own. */
export async function bigFile(path: string, mebibytes: number): Promise<BigFile> {
  const hash = createHash("sha256");
  const file = createWriteStream(path);
  const random = randomBytes(PIECE_BYTES);
  for (let number = 0; number < mebibytes; number++) {
    const piece = Buffer.from(random);
    piece.writeUInt32BE(number);
    hash.update(piece);
    if (!file.write(piece)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  return { path, bytes: mebibytes * PIECE_BYTES, sha256: hash.digest("hex") };
}

/** SHA-256 of a file's content, and how long it is. */
export async function hashOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
