/** The link to the gateway as a server's journal mentions it: only while something depends on it. */
import type { LinkPhase } from "./carrier.ts";

export interface LinkSaid {
  text: string;
  tone: "plain" | "wrong";
}

export class LinkWatch {
  #last: LinkPhase;
  #lostSaid = false;

  constructor(phase: LinkPhase) {
    this.#last = phase;
  }

  /**
   * @param phase of the link now.
   * @param matters true while a socket is held at the gateway.
   * @returns what to write down, or null when it is nothing new.
   */
  changed(phase: LinkPhase, matters: boolean): LinkSaid | null {
    const before = this.#last;
    this.#last = phase;
    if (phase === before) return null;
    if (phase === "lost" && matters) {
      this.#lostSaid = true;
      return { text: "Link to the gateway lost; it goes on listening", tone: "wrong" };
    }
    if (phase === "live" && this.#lostSaid) {
      this.#lostSaid = false;
      return { text: "Link to the gateway resumed", tone: "plain" };
    }
    return null;
  }
}
