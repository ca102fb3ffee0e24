/** A TCP server that sends a great many bytes as fast as the other end takes them, and then says closed. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";

export interface Flood {
  bytes: number;
  /** SHA-256 of everything, in hex. */
  sha256: string;
  /** In the order of sending; together `bytes` long. */
  pieces: Buffer[];
  /** What stands after the last line end but one. */
  lastLine: string;
}

const PIECE_BYTES = 64 * 1024;

function flood(bytes: number, next: () => Buffer): Flood {
  const hash = createHash("sha256");
  const pieces: Buffer[] = [];
  for (let made = 0; made < bytes; ) {
    const piece = next().subarray(0, bytes - made);
    hash.update(piece);
    pieces.push(piece);
    made += piece.length;
  }
  const lastLine = `${pieces.at(-1)}`.trimEnd().split("\n").at(-1) ?? "";
  return { bytes, sha256: hash.digest("hex"), pieces, lastLine };
}

const words =
  "follow the white rabbit down to where two sockets meet and every byte has a place of its own";

/** Numbered lines of 80 bytes, line end included. */
export function lines(bytes: number): Flood {
  let number = 0;
  return flood(bytes, () => {
    let text = "";
    while (text.length < PIECE_BYTES - 80) {
      const head = `${String(number).padStart(8, "0")} `;
      text += `${head}${(words.slice(number % 40) + words).slice(0, 70)}\n`;
      number++;
    }
    return Buffer.from(text);
  });
}

/** One line without an end: numbers, one after the other. */
export function oneLine(bytes: number): Flood {
  let number = 0;
  return flood(bytes, () => {
    let text = "";
    while (text.length < PIECE_BYTES - 16) text += `${number++} `;
    return Buffer.from(text);
  });
}

/** Sends a flood, waiting whenever the kernel has enough. @returns when the last byte was given to it. */
export async function pour(socket: Socket, { pieces }: Pick<Flood, "pieces">): Promise<void> {
  for (const piece of pieces) if (!socket.write(piece)) await once(socket, "drain");
}
