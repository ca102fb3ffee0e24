/** Stand-in until the other formats are there. */
import { writeJsonl } from "../model/recording/jsonl.ts";
import type { Format, Recording } from "../model/recording/recording.ts";

export const formats: readonly Format[] = [
  {
    id: "jsonl",
    name: "Recording",
    about: "Everything, to open again here.",
    extension: "jsonl",
    mime: "application/jsonl",
    write: writeJsonl,
  },
];

export function pythonProgram({ events }: Recording): string {
  return `import socket\n# ${events.length} events\n`;
}
