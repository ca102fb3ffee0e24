/**
 * A recording as JSON lines: what its first line and the lines after it look like, and how much of it
 * is read. docs/recordings.md says it for people. Keys that are not named here are ignored.
 */
import * as v from "valibot";
import { parseAddress } from "./address.ts";
import { MAX_ADDRESS_CHARACTERS, MAX_OFFSET, MAX_PAYLOAD_BYTES } from "./bounds.ts";
import { failureCodes } from "./errors.ts";
import { Certificate } from "./protocol.ts";
import { TCP_STATES } from "./tcp.ts";
import { unixPathProblem } from "./unix-path.ts";

export const RECORDING_VERSION = 1;
/** What Wireside writes is smaller: it keeps 64 MiB of a conversation, and base64 adds a third. */
export const MAX_RECORDING_BYTES = 256 * 1024 * 1024;
/** One event is one line: at most a frame's payload in base64, or a failure's text. */
export const MAX_RECORDING_LINE_BYTES = 1024 * 1024;
/** More than twice what a conversation keeps. */
export const MAX_RECORDING_EVENTS = 250_000;
/** Thirty years, in seconds. */
const MAX_SECONDS = 1e9;
/** The end of the year 9999: later ones are written otherwise. */
const MAX_DATE_MS = 253_402_300_799_999;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_OFFSET));
const platform = v.picklist(["linux", "darwin", "win32", "other"]);

/** Of the first line, whatever its version is. */
export const RecordingMark = v.object({ wireside: v.literal("recording"), version: whole });

export const RecordingHeader = v.object({
  wireside: v.literal("recording"),
  version: v.literal(RECORDING_VERSION),
  /** ISO 8601; in memory milliseconds since 1970. */
  startedAt: v.pipe(
    v.string(),
    v.maxLength(40),
    v.isoTimestamp(),
    v.transform((text) => Date.parse(text)),
    v.minValue(0),
    v.maxValue(MAX_DATE_MS),
  ),
  platform,
  forgotten: whole,
  /** How many lines follow, so that a missing end is noticed. */
  events: v.optional(whole),
});

const address = v.pipe(
  v.string(),
  v.maxLength(MAX_ADDRESS_CHARACTERS),
  v.transform((text) => parseAddress(text)),
  v.check((parsed) => parsed.ok),
  v.transform((parsed) => (parsed as Extract<typeof parsed, { ok: true }>).address),
);
/** As the kernel writes an IP address, perhaps with a zone; empty where nobody knew it. */
const IP = /^[\w.:%-]{0,100}$/;
/** An IP address, or the path of a Unix socket. */
const host = v.pipe(
  v.string(),
  v.check((text) => IP.test(text) || unixPathProblem(text) === null),
);
const port = v.pipe(whole, v.maxValue(65_535));
const endpoint = v.object({ host, port });
const code = v.picklist(failureCodes);
const detail = v.pipe(v.string(), v.maxLength(MAX_PAYLOAD_BYTES));
const direction = v.picklist(["out", "in"]);
const happening = {
  /** Seconds, written to five decimals: the clock's steps are 10 µs. */
  at: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_SECONDS)),
  side: v.picklist(["near", "far"]),
};

const labOptions = v.object({
  noDelay: v.exactOptional(v.boolean()),
  reading: v.exactOptional(v.boolean()),
  delayMs: v.exactOptional(whole),
  pauseMs: v.exactOptional(whole),
});

/** A line after the first. `bytes` is base64; none where none were kept. */
export const RecordedEvent = v.variant("kind", [
  v.object({
    ...happening,
    kind: v.literal("data"),
    direction,
    offset: whole,
    length: whole,
    bytes: v.optional(v.string()),
    calls: v.optional(v.pipe(whole, v.minValue(1))),
  }),
  v.object({ ...happening, kind: v.literal("opening"), address }),
  v.object({ ...happening, kind: v.literal("attempt"), local: endpoint, remote: endpoint }),
  v.object({ ...happening, kind: v.literal("open"), local: endpoint, remote: endpoint }),
  v.object({
    ...happening,
    kind: v.literal("arrival"),
    local: endpoint,
    remote: endpoint,
    transport: v.exactOptional(v.literal("udp")),
  }),
  v.object({ ...happening, kind: v.literal("option"), options: labOptions }),
  v.object({ ...happening, kind: v.literal("eof"), direction }),
  v.object({ ...happening, kind: v.literal("reset"), direction, code, detail }),
  v.object({ ...happening, kind: v.literal("error"), code, detail }),
  v.object({ ...happening, kind: v.literal("state"), link: v.picklist(["lost", "resumed"]) }),
  v.object({ ...happening, kind: v.literal("closed"), by: v.picklist(["near", "far"]) }),
  v.object({ ...happening, kind: v.literal("tls"), ...Certificate.entries }),
  v.object({ ...happening, kind: v.literal("undelivered"), count: whole, code }),
  v.object({
    ...happening,
    kind: v.literal("dropped"),
    why: v.picklist(["full", "empty"]),
    count: whole,
    bytes: whole,
  }),
  v.object({
    ...happening,
    kind: v.literal("kernel"),
    socket: v.object({
      state: v.picklist(TCP_STATES),
      unread: whole,
      unsent: whole,
      timeWaitMs: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_OFFSET))),
    }),
  }),
]);
export type RecordedEvent = v.InferOutput<typeof RecordedEvent>;
export type RecordingHeader = v.InferOutput<typeof RecordingHeader>;

/** What is wrong with a line, by the name of the field; null when nothing is. */
export type Checked<T> = { ok: true; value: T } | { ok: false; field: string };

/** Checks a value that came out of a file. */
export function check<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): Checked<v.InferOutput<S>> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  return { ok: false, field: v.getDotPath(result.issues[0]) ?? "" };
}
