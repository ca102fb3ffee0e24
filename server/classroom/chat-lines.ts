/** What is said in the chat rooms of a class, from gateway to gateway. */
import type { Bus } from "./bus.ts";
import { listening } from "./changes.ts";
import type { Classroom } from "./types.ts";

const TOPIC = "chat";

/** Lines for the chat rooms of the other gateways, and theirs for ours. */
export function chatOver(bus: Bus): Classroom["chat"] {
  const listeners = new Set<(line: string) => void>();
  bus.listen({
    heard: (topic, line) => {
      if (topic === TOPIC) for (const listener of [...listeners]) listener(line);
    },
  });
  return {
    say: (line) => bus.publish(TOPIC, line),
    onLine: (listener) => listening(listeners, listener),
  };
}
