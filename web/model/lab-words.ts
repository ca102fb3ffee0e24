/** What the lab says of its controls: true of whatever carries the bytes. */
import type { Transport } from "../../shared/address.ts";

/** What a control of the lab does, in a line, and where to read up on it. */
export interface Told {
  about: string;
  man: string;
}

type Control = "pieces" | "reading" | "shutdown" | "close" | "reset";

const stream: Record<Control, Told> = {
  pieces: {
    about:
      "Cuts everything you send: each piece is a send() of its own. The other end may still read several at once.",
    man: "send(2)",
  },
  reading: {
    about:
      "Stopped, nobody calls recv() here. What comes waits unread in the kernel; when that is full, the other end's send() waits. Sent is not read.",
    man: "recv(2)",
  },
  shutdown: {
    about: "FIN: you send no more. The other end may still answer, and you read it.",
    man: "shutdown(2)",
  },
  close: {
    about: "FIN, and you read no more either. What is still to be sent goes out first.",
    man: "close(2)",
  },
  reset: {
    about: "RST: both directions are over at once. What was not read or not sent is lost.",
    man: "socket(7), SO_LINGER 0",
  },
};

/** A Unix socket has no packets. */
const unix: Record<Control, Told> = {
  ...stream,
  shutdown: {
    about: "You send no more. The other end may still answer, and you read it.",
    man: "shutdown(2)",
  },
  close: {
    about: "You send no more, and read no more either. What is still to be sent goes out first.",
    man: "close(2)",
  },
  reset: {
    about: "Both directions are over at once. What was not read or not sent is lost.",
    man: "close(2)",
  },
};

/** UDP has no connection that could wait, end or be reset. */
const udp: Record<Control, Told> = {
  pieces: {
    about: "Cuts everything you send: each piece is a datagram of its own.",
    man: "send(2)",
  },
  reading: {
    about:
      "Stopped, nobody takes what comes: it is thrown away and counted. UDP makes nobody wait.",
    man: "udp(7)",
  },
  shutdown: {
    about: "UDP has no end to send: whom you send to hears of nothing.",
    man: "udp(7)",
  },
  close: {
    about: "Lets go of this end, after what is still to be sent. UDP tells nobody.",
    man: "close(2)",
  },
  reset: {
    about: "Lets go of this end at once. What was not sent is lost. UDP tells nobody.",
    man: "close(2)",
  },
};

/** What the controls do to what carries the bytes. */
export const told: Record<Transport, Record<Control, Told>> = {
  tcp: stream,
  tls: stream,
  unix,
  udp,
};
