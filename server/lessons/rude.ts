/** A lesson server that answers once as the tutorial's does, and then breaks off in mid-answer. */
import { printable } from "./printable.ts";
import type { Rules } from "./rules.ts";

const READ_BYTES = 1024;
const ANSWER = "accepted";
/**
 * Between the half of an answer and the reset, in milliseconds. Some systems throw away what has arrived
 * and was not read when the RST comes (RFC 9293 section 3.10.7.4); so the half gets a moment.
 */
const PAUSE_MS = 300;

/** @param pauseMs between the half of an answer and the reset. */
export function rude(pauseMs = PAUSE_MS): Rules {
  return {
    readBytes: READ_BYTES,
    meet(client) {
      let answered = false;
      let timer: NodeJS.Timeout | undefined;
      return {
        heard(request) {
          client.log(`Received: ${printable(request)}`);
          if (!answered) {
            answered = true;
            return client.send(ANSWER);
          }
          client.send(ANSWER.slice(0, ANSWER.length / 2));
          timer = setTimeout(client.reset, pauseMs);
          return false;
        },
        gone: () => clearTimeout(timer),
      };
    },
  };
}
