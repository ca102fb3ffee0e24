/** One conversation as it is kept: which of its events go into which file, and how much of them. */
import type { ConversationEvent } from "../../shared/conversation.ts";
import { eventLines } from "../../shared/recording-write.ts";
import type { Recorded } from "../gateway/recorder.ts";
import type { Limits } from "./limits.ts";
import type { LiveFile } from "./live-file.ts";

/** Whose conversation it is. */
export interface Keeper {
  readonly id: string;
  readonly name: string;
}

export class Keeping {
  readonly conversation: Recorded;
  readonly keeper: Keeper;
  /** Where its events go; null: nowhere any more. */
  file: LiveFile | null = null;
  /** Files it had before this one. */
  files = 0;
  readonly #limits: Limits;
  /** Without these nobody would know which end it was, or of what. */
  readonly #beginning: ConversationEvent[] = [];
  #events = 0;
  #wholeBytes: number;

  constructor(conversation: Recorded, keeper: Keeper, limits: Limits) {
    this.conversation = conversation;
    this.keeper = keeper;
    this.#limits = limits;
    this.#wholeBytes = limits.wholeBytes;
  }

  /** Events that stand in no file that begins now. */
  get forgotten(): number {
    return this.#events - this.#beginning.length;
  }

  /** The first lines of another file after the header. */
  beginning(): string[] {
    return this.#beginning.map(eventLine);
  }

  /** The file in hand has no room for another event. */
  get isFull(): boolean {
    const { bytes = 0, events = 0 } = this.file?.added ?? {};
    return bytes >= this.#limits.fileBytes || events >= this.#limits.fileEvents;
  }

  /** The line of one more event; null when it is not kept. */
  lineOf(event: ConversationEvent): string | null {
    this.#events++;
    const line = this.file ? eventLine(this.#shortened(event)) : null;
    if (isBeginning(event)) this.#beginning.push(event);
    return line;
  }

  #shortened(event: ConversationEvent): ConversationEvent {
    if (event.kind !== "data") return event;
    const { bytes } = event;
    const { excerptBytes, excerptAtBytes } = this.#limits;
    const isLate = this.file !== null && this.file.waitingBytes > excerptAtBytes;
    const room = Math.max(isLate ? 0 : this.#wholeBytes, excerptBytes);
    this.#wholeBytes = Math.max(0, this.#wholeBytes - Math.min(room, bytes.length));
    return bytes.length <= room ? event : { ...event, bytes: bytes.subarray(0, room) };
  }
}

/** Node's base64 is several times as fast as what runs in every browser. */
const eventLine = eventLines(({ buffer, byteOffset, length }) =>
  Buffer.from(buffer, byteOffset, length).toString("base64"),
);

const isBeginning = ({ kind, side }: ConversationEvent) =>
  kind === "opening" || kind === "arrival" || (kind === "open" && side === "near");
