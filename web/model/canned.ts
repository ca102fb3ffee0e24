/** Canned answers: what a server says to each read by itself, while nobody types. */

/**
 * `accepted`: that word to everything. `echo`: the same bytes. `tutorial`: `accepted`, but `closed` to
 * `close`, and then it hangs up.
 */
export type Canned = "off" | "accepted" | "echo" | "tutorial";

export const CANNED: readonly Canned[] = ["off", "accepted", "echo", "tutorial"];

export interface Answer {
  bytes: Uint8Array;
  /** Nothing follows it: this end is closed. */
  hangUp: boolean;
}

const encoder = new TextEncoder();
const ACCEPTED = encoder.encode("accepted");
const CLOSED = encoder.encode("closed");
/** `close` with the line ending of a telnet. */
const LONGEST_CLOSE_BYTES = 7;

/**
 * The answer to what one read brought; null where a person has to answer.
 * @param read not empty.
 */
export function answerTo(canned: Canned, read: Uint8Array): Answer | null {
  switch (canned) {
    case "off":
      return null;
    case "accepted":
      return { bytes: ACCEPTED, hangUp: false };
    case "echo":
      return { bytes: read, hangUp: false };
    case "tutorial":
      return isClose(read) ? { bytes: CLOSED, hangUp: true } : { bytes: ACCEPTED, hangUp: false };
  }
}

/** `close` in any case. The line ending that nc and telnet add to what is typed does not count. */
function isClose(read: Uint8Array): boolean {
  if (read.length > LONGEST_CLOSE_BYTES) return false;
  const text = new TextDecoder().decode(read);
  return text.replace(/\r?\n$/, "").toLowerCase() === "close";
}
