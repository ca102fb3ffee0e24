/** Lines out of a stream of bytes, from clients that end them and from clients that do not. */
/** A longer line becomes several. */
export const MAX_LINE_BYTES = 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * TCP carries no lines. A client that ends its lines with LF or CR LF is known by its first read that
 * ends so: from then on a line is what stands between two of them, however it was cut on its way. Of
 * any other client (the tutorial's, the page unless told otherwise) each read is a line.
 */
export class LineReader {
  #endsLines = false;
  #rest: Buffer = Buffer.alloc(0);

  /** Bytes are here whose line has not ended. */
  get waits(): boolean {
    return this.#rest.length > 0;
  }

  /** One read. @returns the lines it completes, without their endings. */
  push(bytes: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let rest = Buffer.concat([this.#rest, bytes]);
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF)) {
      lines.push(...inPieces(rest.subarray(0, end)));
      rest = rest.subarray(end + 1);
    }
    if (bytes.at(-1) === LF) this.#endsLines = true;
    if (!this.#endsLines || rest.length > MAX_LINE_BYTES) {
      lines.push(...inPieces(rest));
      rest = rest.subarray(rest.length);
    }
    this.#rest = rest;
    return lines;
  }

  /** No more of this line has come: what is here is a line, and this client one that does not end them. */
  flush(): Buffer[] {
    const lines = inPieces(this.#rest);
    this.#rest = Buffer.alloc(0);
    this.#endsLines = false;
    return lines;
  }
}

/** A line, or what it is cut into; never within a character. Empty lines say nothing. */
function inPieces(line: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let rest = line.at(-1) === CR ? line.subarray(0, -1) : line;
  while (rest.length > 0) {
    const length = pieceLength(rest);
    const piece = rest.subarray(0, length);
    if (piece.toString().trim() !== "") pieces.push(piece);
    rest = rest.subarray(length);
  }
  return pieces;
}

/** As much as fits, less the beginning of a character whose end does not (RFC 3629 section 3). */
function pieceLength(bytes: Buffer): number {
  if (bytes.length <= MAX_LINE_BYTES) return bytes.length;
  const inside = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let length = MAX_LINE_BYTES;
  while (inside(length) && length > MAX_LINE_BYTES - 4) length--;
  return length;
}
