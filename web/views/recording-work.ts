/** Reading, writing and replaying recordings: what the page loads only when somebody asks for it. */
import { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { fileName, formats } from "../model/recording/formats.ts";
import { JsonlReader } from "../model/recording/jsonl.ts";
import { pythonProgram } from "../model/recording/python.ts";
import {
  beginningOf,
  type Format,
  type Opened,
  type Parts,
  type Recording,
  roleOf,
} from "../model/recording/recording.ts";
import { Replay, type ReplayClock } from "../model/replay.ts";
import { download } from "./download.ts";
import type { Going, Trouble } from "./recorder.ts";

export { download, formats };

/** What can be saved. */
export type Saved = Format["id"] | "svg" | "py";

/** What the file dialog offers. */
export const accepted = ".jsonl,application/jsonl,application/x-ndjson";

/** The page does this much of a long piece of work at a time, in milliseconds. */
const SLICE_MS = 12;
/** Bytes of a file read at once. */
const READ_BYTES = 64 * 1024;

/** Handed to the browser at once: it copies text, which for a whole large file takes a second. */
const BLOB_BYTES = 1024 * 1024;

/** Events that are put into a conversation at once. */
const EVENTS_AT_ONCE = 4_000;

/** Lets the page do everything else that waits. */
const others = () => new Promise<void>((resolve) => setTimeout(resolve));

/** The conversation on the screen as it would be saved; null when nothing has happened. */
export function recordingOf(talk: Dialogue): Recording | null {
  if (talk.replay) return talk.replay.recording;
  const conversation = talk.live;
  if (!conversation || conversation.events.length === 0) return null;
  const { startedAt, forgotten } = conversation;
  const { platform } = talk.carrier.status;
  const beginning = beginningOf(conversation);
  const events = [...beginning, ...conversation.events];
  return { startedAt, platform, events, forgotten: forgotten - beginning.length };
}

export function pythonOf(talk: Dialogue): string {
  const recording = recordingOf(talk);
  return recording ? pythonProgram(recording) : "";
}

/** A file with the conversation on the screen; null when there is none, or when it was stopped. */
export async function fileOf(
  talk: Dialogue,
  as: Saved,
  going: Going,
): Promise<{ blob: Blob; name: string } | null> {
  const recording = recordingOf(talk);
  if (!recording) return null;
  const format = formats.find(({ id }) => id === as);
  const name = fileName(recording, format?.extension ?? as);
  going.progress(0, name);
  if (format) {
    const blob = await gather(format.write(recording), format.mime, going);
    return blob && { blob, name };
  }
  const blob =
    as === "py"
      ? new Blob([pythonProgram(recording)], { type: "text/x-python" })
      : new Blob([await drawn(talk, recording)], { type: "image/svg+xml" });
  return going.stopped() ? null : { blob, name };
}

/** Of a recording the whole ladder, wherever its replay is. */
async function drawn(talk: Dialogue, recording: Recording): Promise<string> {
  const conversation = talk.replay ? await conversationOf(recording) : talk.live;
  const { ladderSvg } = await import("./ladder-svg.tsx");
  const theme = document.documentElement.dataset.theme === "pad" ? "pad" : "board";
  return conversation ? ladderSvg(conversation, theme) : "";
}

async function conversationOf(recording: Recording): Promise<Conversation> {
  const { startedAt, forgotten, events } = recording;
  const conversation = new Conversation(startedAt, forgotten, roleOf(recording));
  for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) {
    conversation.appendAll(events.slice(at, at + EVENTS_AT_ONCE));
    await others();
  }
  return conversation;
}

/** Writes in slices, so that the page goes on meanwhile; null when it was stopped. */
async function gather(parts: Parts, type: string, going: Going): Promise<Blob | null> {
  const blobs: Blob[] = [];
  let pieces: (string | Uint8Array<ArrayBuffer>)[] = [];
  let waiting = 0;
  let done = 0;
  let since = performance.now();
  for (const part of parts) {
    pieces.push(part);
    done += part.length;
    waiting += part.length;
    if (waiting >= BLOB_BYTES) {
      blobs.push(new Blob(pieces));
      pieces = [];
      waiting = 0;
    }
    if (performance.now() - since < SLICE_MS) continue;
    going.progress(done);
    await others();
    if (going.stopped()) return null;
    since = performance.now();
  }
  return new Blob([...blobs, ...pieces], { type });
}

/** Reads a file in slices; null when it was stopped. */
export async function read(file: File, going: Going): Promise<Opened | null> {
  const reader = new JsonlReader();
  for (let at = 0; at < file.size; at += READ_BYTES) {
    const slice = await file.slice(at, at + READ_BYTES).arrayBuffer();
    reader.push(new Uint8Array(slice));
    going.progress(Math.min(file.size, at + READ_BYTES));
    await others();
    if (going.stopped()) return null;
  }
  return reader.end();
}

/** What to say of a file that could not be read to its end. */
export function troubleOf(name: string, { recording, problem }: Opened): Trouble | null {
  if (!problem) return null;
  const { text } = problem;
  return recording.events.length === 0
    ? { headline: `${name} is not a recording that can be opened.`, text }
    : { headline: `${name} can be read only up to line ${problem.line - 1}.`, text };
}

/** Frames of the page: a replay that nobody sees stands still, and catches up when it is seen. */
const frames: ReplayClock = {
  now: () => performance.now(),
  soon(run) {
    const frame = requestAnimationFrame(run);
    return () => cancelAnimationFrame(frame);
  },
};

export function replayOf(recording: Recording): Replay {
  return new Replay(recording, frames);
}
