/** A recording as JSON lines, the format that keeps everything: its lines, written. docs/recordings.md. */
import { type Address, formatAddress } from "./address.ts";
import { toBase64 } from "./base64.ts";
import { CLOCK_STEPS_PER_SECOND } from "./bounds.ts";
import type { ConversationEvent, EventOf } from "./conversation.ts";
import type { Platform } from "./errors.ts";
import { RECORDING_VERSION } from "./recording.ts";

/**
 * The first line.
 * @param startedAt milliseconds since 1970.
 * @param events how many lines follow; left out where nobody knows yet.
 * @param student who had it, by name and by id, and in which class; only in what a class has kept.
 */
export function headerLine(header: {
  startedAt: number;
  platform: Platform;
  address: Address | null;
  forgotten: number;
  events?: number;
  student?: string;
  studentId?: string;
  class?: string;
}): string {
  const { startedAt, platform, address, forgotten, events } = header;
  const { student, studentId, class: className } = header;
  return JSON.stringify({
    wireside: "recording",
    version: RECORDING_VERSION,
    startedAt: new Date(startedAt).toISOString(),
    platform,
    address: address && formatAddress(address),
    forgotten,
    events,
    student,
    studentId,
    class: className,
  });
}

/** `{"at":0.992,"side":"near","kind":"data",…}`; time and bytes in digits of our own. */
export const eventLine = eventLines(toBase64);

/** The same with another way to write bytes, where the platform has a faster one. */
export function eventLines(base64: typeof toBase64): (event: ConversationEvent) => string {
  return (event) => {
    const rest = JSON.stringify(fieldsOf(event, base64)).slice(1);
    return `{"at":${seconds(event.at)},"side":"${event.side}","kind":"${event.kind}",${rest}`;
  };
}

/** Five decimals at most, never an exponent: `0.00003` as well as `12`. */
function seconds(at: number): string {
  const steps = Math.round(at * CLOCK_STEPS_PER_SECOND);
  const text = (steps / CLOCK_STEPS_PER_SECOND).toFixed(5);
  return text.replace(/\.?0+$/, "");
}

/** What an event has besides time, side and kind, each field by its name: nothing else gets into a file. */
function fieldsOf(event: ConversationEvent, base64: typeof toBase64): Record<string, unknown> {
  switch (event.kind) {
    case "opening":
      return { address: formatAddress(event.address) };
    case "option":
      return { options: event.options };
    case "arrival": {
      const { local, remote, transport } = event;
      return { local: endpoint(local), remote: endpoint(remote), ...(transport && { transport }) };
    }
    case "attempt":
    case "open":
      return { local: endpoint(event.local), remote: endpoint(event.remote) };
    case "data": {
      const { direction, offset, length, bytes, calls } = event;
      const kept = bytes.length > 0 ? { bytes: base64(bytes) } : {};
      return { direction, offset, length, ...kept, ...(calls !== undefined && { calls }) };
    }
    case "eof":
      return { direction: event.direction };
    case "reset":
      return { direction: event.direction, code: event.code, detail: event.detail };
    case "error":
      return { code: event.code, detail: event.detail };
    case "state":
      return { link: event.link };
    case "closed":
      return { by: event.by };
    case "tls":
      return certificate(event);
    case "undelivered":
      return { count: event.count, code: event.code };
    case "dropped":
      return { why: event.why, count: event.count, bytes: event.bytes };
    case "kernel": {
      const { state, unread, unsent, timeWaitMs } = event.socket;
      return { socket: { state, unread, unsent, timeWaitMs } };
    }
  }
}

const endpoint = ({ host, port }: { host: string; port: number }) => ({ host, port });

function certificate(event: EventOf<"tls">): Record<string, unknown> {
  const { protocol, cipher, subject, issuer, altNames } = event;
  const { validFrom, validTo, fingerprint256, trusted } = event;
  const names = [...altNames];
  const dates = { validFrom, validTo };
  return { protocol, cipher, subject, issuer, altNames: names, ...dates, fingerprint256, trusted };
}
