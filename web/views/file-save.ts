/** Saves what arrives to a file: a byte is acknowledged once it is there, and is not shown meanwhile. */
import { type ConversationEvent, type EventOf, receives } from "../../shared/conversation.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { type SaveEnd, savedWords } from "../model/transfer.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { download } from "./download.ts";
import type { Transfer } from "./transfers.ts";

/** Where the bytes go. */
export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> | void;
  /** Everything is written: the file is there from now on. */
  close(): Promise<void> | void;
}

export interface Target {
  name: string;
  open(): Promise<Sink>;
}

interface Picker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

/**
 * Asks where to save, if the browser lets a page write into a file; else the file is downloaded at
 * the end. Null: somebody has changed their mind. Browsers ask only in answer to a click.
 */
export async function chooseTarget(suggestedName: string): Promise<Target | null> {
  const { showSaveFilePicker } = window as Picker;
  // Absent on a page over plain HTTP from elsewhere, and in browsers that write no files.
  if (!showSaveFilePicker) return downloadTarget(suggestedName);
  try {
    const handle = await showSaveFilePicker.call(window, { suggestedName });
    return { name: handle.name, open: () => handle.createWritable() };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    return downloadTarget(suggestedName);
  }
}

/** Handed to the browser in parts of this size, which then need no room in the page. */
const PART_BYTES = 1024 * 1024;

function downloadTarget(name: string): Target {
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let waiting = 0;
  const sink: Sink = {
    write(bytes) {
      pieces.push(bytes);
      waiting += bytes.length;
      if (waiting < PART_BYTES) return;
      parts.push(new Blob(pieces));
      pieces = [];
      waiting = 0;
    },
    close: () => download(new Blob([...parts, ...pieces]), name),
  };
  return { name, open: async () => sink };
}

/**
 * Resolves when the file is there: what arrives has ended, somebody stopped it, or it cannot be written.
 * Begun while there is no connection, it begins with the next.
 */
export async function saveArriving(
  talk: Dialogue,
  target: Target,
  transfer: Transfer,
  pane: TerminalPane | null,
): Promise<void> {
  const arriving = new Arriving(talk);
  const row = pane?.savedFile(`What arrives goes into ${transfer.name}`);
  const stop = () => arriving.end("stopped");
  transfer.signal.addEventListener("abort", stop);
  let saved = 0;
  let how: SaveEnd;
  try {
    const sink = await target.open();
    for (let items = await arriving.next(); items.length > 0; items = await arriving.next()) {
      // One write for all that waits: each is a way to the browser and back.
      await sink.write(joined(items));
      arriving.done(items);
      for (const { event, of } of items) {
        saved += event.length;
        row?.more(event, of);
      }
      transfer.reached(saved);
    }
    how = arriving.ended ?? "stopped";
    await sink.close();
  } catch {
    // A full disk, or a file that is gone. Those who wait for an acknowledgement shall not wait for ever.
    how = "unwritable";
    arriving.end(how);
    arriving.giveBack();
  }
  transfer.signal.removeEventListener("abort", stop);
  row?.over(savedWords(how, transfer.name, saved));
}

interface Arrived {
  event: EventOf<"data">;
  of: Conversation;
}

/** A copy: the conversation's own bytes may be forgotten before the file is closed. */
function joined(items: readonly Arrived[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(items.reduce((sum, { event }) => sum + event.bytes.length, 0));
  let at = 0;
  for (const { event } of items) {
    bytes.set(event.bytes, at);
    at += event.bytes.length;
  }
  return bytes;
}

/** What arrives, one event after the other, until it ends. */
class Arriving {
  readonly #talk: Dialogue;
  readonly #waiting: Arrived[] = [];
  readonly #unstart: () => void;
  #unfollow: () => void = () => {};
  #wake: () => void = () => {};
  ended: SaveEnd | null = null;

  constructor(talk: Dialogue) {
    this.#talk = talk;
    this.#unstart = talk.onStart((conversation) => {
      if (conversation === talk.live) this.#follow(conversation);
    });
    if (talk.live?.state.phase === "open") this.#follow(talk.live);
    talk.divert((event) => {
      if (talk.live) this.#waiting.push({ event, of: talk.live });
      this.#wake();
    });
  }

  /** What has arrived, in order; nothing at the end. It is acknowledged with `done`. */
  async next(): Promise<readonly Arrived[]> {
    while (this.#waiting.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return [...this.#waiting];
  }

  /** What `next` gave is where it belongs: one acknowledgement for all of it. */
  done(items: readonly Arrived[]): void {
    this.#waiting.splice(0, items.length);
    const lengths = new Map<Conversation, number>();
    for (const { event, of } of items) lengths.set(of, (lengths.get(of) ?? 0) + event.length);
    for (const [of, length] of lengths) this.#talk.consumed(of, length);
  }

  end(how: SaveEnd): void {
    if (this.ended) return;
    this.ended = how;
    this.#talk.divert(null);
    this.#unstart();
    this.#unfollow();
    this.#wake();
  }

  /** Acknowledges what was not saved. */
  giveBack(): void {
    this.done([...this.#waiting]);
  }

  #follow(conversation: Conversation): void {
    this.#unfollow();
    this.#unfollow = conversation.onEvent((event) => this.#happened(event));
  }

  #happened(event: ConversationEvent): void {
    if (event.side !== "near") return;
    if (event.kind === "eof" && event.direction === receives(this.#talk.role)) this.end("whole");
    if (event.kind === "reset" || event.kind === "error") this.end("reset");
    if (event.kind === "closed") this.end("closed");
  }
}
