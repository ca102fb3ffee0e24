/** Conversations for the file formats: the tutorial's, and any that fast-check can think of. */
import fc from "fast-check";
import { parseAddress } from "../../shared/address.ts";
import type { ConversationEvent, Direction, Side } from "../../shared/conversation.ts";
import { failureCodes } from "../../shared/errors.ts";
import { TCP_STATES } from "../../shared/tcp.ts";
import type { Recording } from "../../web/model/recording/recording.ts";

export const local = { host: "127.0.0.1", port: 51234 };
export const remote = { host: "127.0.0.1", port: 8000 };

/** A whole piece of one direction. */
export function data(at: number, direction: Direction, offset: number, what: string | Uint8Array) {
  const bytes = typeof what === "string" ? new TextEncoder().encode(what) : Uint8Array.from(what);
  const { length } = bytes;
  return { kind: "data", at, side: "near", direction, offset, length, bytes } as const;
}

export function recorded(events: readonly ConversationEvent[], forgotten = 0): Recording {
  return { startedAt: Date.UTC(2026, 10, 24, 10, 12), platform: "linux", events, forgotten };
}

/** The tutorial's conversation, with what the lesson server did and what the kernel said. */
export const tutorial: Recording = recorded([
  {
    kind: "opening",
    at: 0,
    side: "near",
    address: { scheme: "tcp", host: "127.0.0.1", port: 8000 },
  },
  { kind: "attempt", at: 0.00015, side: "near", local, remote },
  { kind: "open", at: 0.00118, side: "near", local, remote },
  { kind: "open", at: 0.00121, side: "far", local: remote, remote: local },
  data(11.87, "out", 0, "Wake up, Neo"),
  farData(11.87012, "out", 0, 12),
  farData(11.87015, "in", 0, 8),
  data(11.87148, "in", 0, "accepted"),
  {
    kind: "kernel",
    at: 11.9,
    side: "near",
    socket: { state: "ESTABLISHED", unread: 0, unsent: 0, timeWaitMs: null },
  },
  data(15.5, "out", 12, "close"),
  farData(15.5001, "out", 12, 5),
  farData(15.50012, "in", 8, 6),
  { kind: "eof", at: 15.50014, side: "far", direction: "in" },
  data(15.50148, "in", 8, "closed"),
  { kind: "eof", at: 15.50189, side: "near", direction: "in" },
  { kind: "eof", at: 15.503, side: "near", direction: "out" },
  { kind: "eof", at: 15.50301, side: "far", direction: "out" },
  { kind: "closed", at: 15.5032, side: "near", by: "near" },
  { kind: "closed", at: 15.50325, side: "far", by: "far" },
]);

export function farData(at: number, direction: Direction, offset: number, length: number) {
  const bytes = new Uint8Array(0);
  return { kind: "data", at, side: "far", direction, offset, length, bytes } as const;
}

const endpoint = fc.record({
  host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("", "fe80::1%eth0", "/run/a b.sock")),
  port: fc.integer({ min: 0, max: 65_535 }),
});
const address = fc
  .tuple(
    fc.constantFrom("tcp", "udp", "tls"),
    fc.oneof(fc.ipV4(), fc.domain(), fc.constant("[2001:db8::7]")),
    fc.integer({ min: 1, max: 65_535 }),
  )
  .map(([scheme, host, port]) => parseAddress(`${scheme}://${host}:${port}`))
  .filter((parsed) => parsed.ok)
  .map((parsed) => (parsed.ok ? parsed.address : { scheme: "tcp" as const, host: "", port: 1 }));
const direction = fc.constantFrom<Direction>("out", "in");
const code = fc.constantFrom(...failureCodes);
const detail = fc.string({ unit: "binary", maxLength: 40 });

/** What happens, without time, side and, for bytes, offset: those follow from what was before. */
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("data"), direction, payload: payload() }) },
  fc.record({ kind: fc.constant("opening"), address }),
  fc.record({ kind: fc.constantFrom("attempt", "open"), local: endpoint, remote: endpoint }),
  fc.record({ kind: fc.constant("eof"), direction }),
  fc.record({ kind: fc.constant("reset"), direction, code, detail }),
  fc.record({ kind: fc.constant("error"), code, detail }),
  fc.record({ kind: fc.constant("state"), link: fc.constantFrom("lost", "resumed") }),
  fc.record({ kind: fc.constant("closed"), by: fc.constantFrom("near", "far") }),
  fc.record({ kind: fc.constant("kernel"), socket: kernelSocket() }),
  fc.record({ kind: fc.constant("opening"), address: fc.constant(unixAddress()) }),
  certificate(),
  fc.record({ kind: fc.constant("undelivered"), count: fc.nat(), code }),
  fc.record({
    kind: fc.constant("dropped"),
    why: fc.constantFrom("full", "empty"),
    count: fc.nat(),
    bytes: fc.nat(),
  }),
);

function unixAddress() {
  return { scheme: "unix" as const, host: '/run/"a\\b".sock', port: 0 };
}

function certificate() {
  const name = fc.string({ unit: "binary", maxLength: 20 });
  return fc.record({
    kind: fc.constant("tls"),
    protocol: fc.constantFrom("TLSv1.2", "TLSv1.3"),
    cipher: name,
    subject: name,
    issuer: name,
    altNames: fc.array(name, { maxLength: 3 }),
    validFrom: fc.constantFrom("2026-01-01T00:00:00.000Z", ""),
    validTo: fc.constantFrom("2027-01-01T00:00:00.000Z", "never"),
    fingerprint256: fc.constantFrom("AB:CD", ""),
    trusted: fc.boolean(),
  });
}

function payload() {
  return fc.record({
    bytes: fc.uint8Array({ maxLength: 70 }),
    /** Bytes no longer kept. */
    lost: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(100_000)),
    calls: fc.option(fc.integer({ min: 2, max: 9_000 }), { nil: undefined }),
  });
}

function kernelSocket() {
  return fc.record({
    state: fc.constantFrom(...TCP_STATES),
    unread: fc.nat(),
    unsent: fc.nat(),
    timeWaitMs: fc.option(fc.nat(60_000)),
  });
}

/** Any recording that the page could have made, and many more. */
export const recordings: fc.Arbitrary<Recording> = fc
  .record({
    startedAt: fc.nat(Date.UTC(2200, 0)),
    platform: fc.constantFrom("linux", "darwin", "win32", "other"),
    forgotten: fc.oneof(fc.constant(0), fc.nat()),
    steps: fc.array(
      fc.record({
        after: fc.oneof(fc.nat(50), fc.nat(100_000_000)),
        side: fc.constantFrom<Side>("near", "near", "far"),
        happening,
      }),
      { maxLength: 30 },
    ),
  })
  .map(({ steps, ...head }) => ({ ...head, events: eventsOf(steps) }) as Recording);

type Steps = { after: number; side: Side; happening: { kind: string; payload?: unknown } }[];

function eventsOf(steps: Steps): ConversationEvent[] {
  const ends: Record<string, number> = {};
  let clock = 0;
  return steps.map(({ after, side, happening: { payload: carried, ...rest } }) => {
    clock += after;
    const event = { at: clock / 100_000, side, ...rest };
    if (!carried) return event as ConversationEvent;
    const { bytes, lost, calls } = carried as { bytes: Uint8Array; lost: number; calls?: number };
    const key = `${side} ${(rest as { direction?: Direction }).direction}`;
    const offset = ends[key] ?? 0;
    const length = bytes.length + lost;
    ends[key] = offset + length;
    const kept = side === "near" ? Uint8Array.from(bytes) : new Uint8Array(0);
    const counted = calls === undefined ? {} : { calls };
    return { ...event, offset, length, bytes: kept, ...counted } as ConversationEvent;
  });
}

/** A file in one piece. */
export function whole(parts: Iterable<string | Uint8Array>): Uint8Array<ArrayBuffer> {
  const pieces = [...parts].map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  return Uint8Array.from(Buffer.concat(pieces));
}
