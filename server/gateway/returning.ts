/** What a page that was loaded anew is told of its session: the histories of its conversations. */
import { toBase64 } from "../../shared/base64.ts";
import type { Accepted, GatewayMessage } from "../../shared/protocol.ts";
import { eventLine } from "../../shared/recording-write.ts";
import type { Kept } from "./history.ts";

type HistoryMessage = Extract<GatewayMessage, { type: "history" }>;

/** Characters of lines in one message; it may be longer by one line. */
const PART_CHARACTERS = 48 * 1024;

/** A conversation whose channel lives, as far as its story does not say it. */
export interface Living {
  /** Next offset the gateway expects from the page. */
  rx: number;
  /** Of a visitor: what the page was told of it. */
  accepted: Accepted | undefined;
}

/** @param living null: it is over. */
export function* historyOf(
  { recording, events, forgotten }: Kept,
  living: Living | null,
): Generator<HistoryMessage> {
  const { ch, startedAt, began } = recording;
  const common = { type: "history", ch, startedAt, began, forgotten } as const;
  let lines: string[] = [];
  let characters = 0;
  for (const event of events) {
    const line = eventLine(event);
    lines.push(line);
    characters += line.length;
    if (characters < PART_CHARACTERS) continue;
    yield { ...common, lines, more: true };
    lines = [];
    characters = 0;
  }
  const last = { ...common, lines, more: false };
  if (!living) return yield last;
  const { rx, accepted } = living;
  yield { ...last, waiting: waitingOf(recording, rx), ...(accepted && { accepted }) };
}

/** What the gateway has of the page and the kernel has not, send by send; an empty one is the end. */
function waitingOf(recording: Kept["recording"], rx: number): string[] {
  const pieces = recording.waiting.map(({ bytes }) => bytes);
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const waiting = pieces.map((piece) => toBase64(piece));
  // What takes an offset and is no byte is the end.
  const endWaits = !recording.hasEnded && rx > recording.sent + bytes;
  return endWaits ? [...waiting, ""] : waiting;
}
