/** A recording as JSON lines, the format that keeps everything: writing it. docs/recordings.md. */
import { formatAddress } from "../../../shared/address.ts";
import type { ConversationEvent, EventOf } from "../../../shared/conversation.ts";
import { RECORDING_VERSION } from "../../../shared/recording.ts";
import { toBase64 } from "./base64.ts";
import { portions } from "./parts.ts";
import { addressOf, type Parts, type Recording } from "./recording.ts";

export { JsonlReader, read, readSlices } from "./jsonl-reader.ts";

/** Steps of the clock in a second. */
const STEPS = 1e5;

/** The whole file. What was read from such a file is written byte for byte as it was. */
export function writeJsonl(recording: Recording): Parts {
  return portions(lines(recording));
}

function* lines(recording: Recording): Iterable<string> {
  const { startedAt, platform, forgotten, events } = recording;
  const address = addressOf(recording);
  const header = {
    wireside: "recording",
    version: RECORDING_VERSION,
    startedAt: new Date(startedAt).toISOString(),
    platform,
    address: address && formatAddress(address),
    forgotten,
    events: events.length,
  };
  yield `${JSON.stringify(header)}\n`;
  for (const event of events) yield `${eventLine(event)}\n`;
}

/** `{"at":0.992,"side":"near","kind":"data",…}`; time and bytes in digits of our own. */
export function eventLine(event: ConversationEvent): string {
  const rest = JSON.stringify(fieldsOf(event)).slice(1);
  return `{"at":${seconds(event.at)},"side":"${event.side}","kind":"${event.kind}",${rest}`;
}

/** Five decimals at most, never an exponent: `0.00003` as well as `12`. */
function seconds(at: number): string {
  const text = (Math.round(at * STEPS) / STEPS).toFixed(5);
  return text.replace(/\.?0+$/, "");
}

/** What an event has besides time, side and kind, each field by its name: nothing else gets into a file. */
function fieldsOf(event: ConversationEvent): Record<string, unknown> {
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
      const kept = bytes.length > 0 ? { bytes: toBase64(bytes) } : {};
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
