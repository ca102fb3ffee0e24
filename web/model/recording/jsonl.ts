/** A recording as JSON lines, the format that keeps everything: writing it. docs/recordings.md. */
import { eventLine, headerLine } from "../../../shared/recording-write.ts";
import { portions } from "./parts.ts";
import { addressOf, type Parts, type Recording } from "./recording.ts";

export { eventLine } from "../../../shared/recording-write.ts";
export { JsonlReader, read, readSlices } from "./jsonl-reader.ts";

/** The whole file. What was read from such a file is written byte for byte as it was. */
export function writeJsonl(recording: Recording): Parts {
  return portions(lines(recording));
}

function* lines(recording: Recording): Iterable<string> {
  const { startedAt, platform, forgotten, events } = recording;
  const header = { startedAt, platform, address: addressOf(recording), forgotten };
  yield `${headerLine({ ...header, events: events.length })}
`;
  for (const event of events) yield `${eventLine(event)}\n`;
}
