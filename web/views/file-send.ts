/** Sends a file piece by piece, never further ahead of the kernel than two pieces and a little more. */
import type { Dialogue } from "../model/dialogue.ts";
import { bytes } from "../model/format.ts";
import { type SendEnd, sentWords } from "../model/transfer.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import type { Transfer } from "./transfers.ts";

/** Read at once. The next such piece is read while one is being sent, so that no window waits for it. */
const CHUNK_BYTES = 1024 * 1024;
/** While more than this waits for the kernel, nothing more is given to send. */
const AHEAD_BYTES = 512 * 1024;

/** @param transfer has this end's direction. Resolves when the file is over, whole or not. */
export async function sendFile(
  talk: Dialogue,
  file: File,
  transfer: Transfer,
  pane: TerminalPane | null,
): Promise<void> {
  const conversation = talk.live;
  if (!conversation) return;
  const row = pane?.sentFile(`Sending ${transfer.name}, ${bytes(file.size)}`);
  // What was given to send before is not of this file.
  const base = conversation.state.sentBytes + talk.pendingBytes;
  let given = 0;
  const taken = () => Math.min(given, Math.max(0, conversation.state.sentBytes - base));
  const isAlive = () => talk.live === conversation && conversation.state.phase === "open";
  const waits = (most: number) => () => isAlive() && given - taken() > most;
  const unfollow = talk.subscribe(() => transfer.reached(taken()));
  let unreadable = false;
  let reading = read(file, 0);
  while (given < file.size && isAlive() && !transfer.signal.aborted) {
    const chunk = await reading;
    unreadable = chunk === null;
    if (!chunk) break;
    reading = read(file, given + chunk.length);
    await whileHolds(waits(AHEAD_BYTES), talk, transfer.signal);
    if (transfer.signal.aborted || !talk.feed(chunk)) break;
    given += chunk.length;
    row?.more(chunk.length);
  }
  await whileHolds(waits(0), talk, transfer.signal);
  unfollow();
  // What has left the page cannot be taken back: it is sent, or will be in a moment.
  const left = isAlive() ? conversation.state.sentBytes + talk.pendingBytes - base : taken();
  const how = ending(left === file.size, unreadable, transfer.signal.aborted && isAlive());
  row?.over(sentWords(how, transfer.name, left, file.size));
}

function ending(isWhole: boolean, unreadable: boolean, stopped: boolean): SendEnd {
  if (isWhole) return "whole";
  if (unreadable) return "unreadable";
  return stopped ? "stopped" : "ended";
}

/** The next piece; null when the file cannot be read: it is gone, or is not what it was. */
async function read(file: File, from: number): Promise<Uint8Array | null> {
  const end = Math.min(file.size, from + CHUNK_BYTES);
  try {
    const chunk = new Uint8Array(await file.slice(from, end).arrayBuffer());
    return chunk.length === end - from ? chunk : null;
  } catch {
    // The browser says no more than NotReadableError: what is known is said at the end of the file.
    return null;
  }
}

/** Waits until a condition of the dialogue no longer holds, or somebody stops it. */
function whileHolds(holds: () => boolean, talk: Dialogue, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (holds() && !signal.aborted) return;
      unfollow();
      signal.removeEventListener("abort", look);
      resolve();
    };
    const unfollow = talk.subscribe(look);
    signal.addEventListener("abort", look);
    look();
  });
}
