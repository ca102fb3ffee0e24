/** Stand-in until the program in Python is there. */
import type { Recording } from "../model/recording/recording.ts";

export function pythonProgram({ events }: Recording): string {
  return `import socket\n# ${events.length} events\n`;
}
