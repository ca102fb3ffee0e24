/** A conversation as the steps of a program that is at this end of it. */
import { receives, sends } from "../../../shared/conversation.ts";
import { type Recording, roleOf, transportOfRecording } from "./recording.ts";

export type Step =
  | { do: "send"; bytes: Uint8Array }
  /** Reads until so many bytes have come, in however many calls. */
  | { do: "receive"; count: number }
  /** Ends this direction: shutdown(SHUT_WR). */
  | { do: "end" }
  /** Reads until the other end has ended its direction. */
  | { do: "hear the end" }
  /** The other end resets the connection. */
  | { do: "be reset" }
  /** Gives the connection up with RST. */
  | { do: "reset" };

export interface Steps {
  steps: Step[];
  /** Why the program stops before the conversation did, as a sentence; null when it has all of it. */
  cut: string | null;
}

/** What a program contains of bytes to send; more would be a file of its own. */
const MOST_SENT_BYTES = 64 * 1024;
const MOST_STEPS = 4_000;

export function stepsOf(recording: Recording): Steps {
  const { events, forgotten } = recording;
  const role = roleOf(recording);
  const isUdp = transportOfRecording(recording) === "udp";
  const steps: Step[] = [];
  let sent = 0;
  const stop = (cut: string): Steps => ({ steps, cut });
  if (forgotten > 0) return stop("The recording has not kept how the conversation began.");
  for (const event of events) {
    if (event.side === "far") continue;
    if (steps.length >= MOST_STEPS) return stop(`Cut here: more than ${MOST_STEPS} steps.`);
    if (event.kind === "data" && event.direction === sends(role)) {
      if (event.bytes.length < event.length) {
        return stop("Cut here: the recording has not kept all the bytes of what was sent next.");
      }
      sent += event.length;
      if (sent > MOST_SENT_BYTES) return stop("Cut here: more than 64 KiB were sent.");
      steps.push({ do: "send", bytes: event.bytes });
    } else if (event.kind === "data") {
      if (isUdp) steps.push({ do: "receive", count: event.length });
      else receive(steps, event.length);
    } else if (event.kind === "eof") {
      steps.push({ do: event.direction === sends(role) ? "end" : "hear the end" });
    } else if (event.kind === "reset") {
      steps.push({ do: event.direction === receives(role) ? "be reset" : "reset" });
    }
  }
  return { steps, cut: null };
}

/** Reads that follow each other are one: only how many bytes came is the conversation's. */
function receive(steps: Step[], count: number): void {
  const last = steps.at(-1);
  if (last?.do === "receive") last.count += count;
  else steps.push({ do: "receive", count });
}
