/** Stand-in until the formats are there: events as JSON lines. */
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { Format, Opened, Recording } from "../model/recording/recording.ts";

export const formats: readonly Format[] = [
  {
    id: "jsonl",
    name: "Recording",
    about: "Everything, to open again here.",
    extension: "jsonl",
    mime: "application/jsonl",
    *write({ events, ...head }: Recording) {
      yield `${JSON.stringify(head)}\n`;
      for (const event of events) {
        const bytes = "bytes" in event ? { bytes: btoa(String.fromCharCode(...event.bytes)) } : {};
        yield `${JSON.stringify({ ...event, ...bytes })}\n`;
      }
    },
  },
];

export class JsonlReader {
  #text = "";
  #decoder = new TextDecoder();

  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  end(): Opened {
    const lines = this.#text.split("\n");
    const recording: Recording = { startedAt: 0, platform: "linux", events: [], forgotten: 0 };
    const events: ConversationEvent[] = [];
    let problem: Opened["problem"] = null;
    for (const [index, line] of lines.entries()) {
      if (line === "") continue;
      try {
        const read = JSON.parse(line);
        if (index === 0) Object.assign(recording, read);
        else {
          if (read.bytes !== undefined) {
            read.bytes = Uint8Array.from(atob(read.bytes), (c) => c.charCodeAt(0));
          }
          events.push(read);
        }
      } catch {
        problem = { line: index + 1, text: "this line is not whole." };
        break;
      }
    }
    return { recording: { ...recording, events }, problem };
  }
}

export function pythonProgram({ events }: Recording): string {
  return `import socket\n# ${events.length} events\n`;
}

export async function ladderSvg(_of: object, theme: string): Promise<string> {
  return `<svg data-theme="${theme}"/>`;
}
