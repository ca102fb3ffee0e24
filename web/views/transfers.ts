/** Files on their way: what is being sent and saved now, for the views. The work is loaded when asked for. */
import type { Dialogue, NotSent } from "../model/dialogue.ts";
import { Store } from "../model/store.ts";
import { Pace, type Progress } from "../model/transfer.ts";
import { visibleText } from "../model/visible.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import type { Target } from "./file-save.ts";

/** A file that is being sent or saved. */
export class Transfer {
  readonly kind: "sending" | "saving";
  /** Of the file; with what cannot be seen in it as escapes. */
  readonly name: string;
  readonly total: number | null;
  readonly #pace = new Pace();
  readonly #stop = new AbortController();
  readonly #changed: () => void;
  #done = 0;

  /** @param total bytes; null where nobody knows. */
  constructor(kind: Transfer["kind"], name: string, total: number | null, changed: () => void) {
    this.kind = kind;
    this.name = visibleText(name);
    this.total = total;
    this.#changed = changed;
    this.#pace.add(performance.now(), 0);
  }

  get progress(): Progress {
    return { done: this.#done, total: this.total, rate: this.#pace.rate };
  }
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** So many bytes are sent, or saved. */
  reached(done: number): void {
    if (done === this.#done) return;
    this.#done = done;
    this.#pace.add(performance.now(), done);
    this.#changed();
  }

  stop(): void {
    this.#stop.abort();
  }
}

export class Transfers extends Store {
  readonly #talk: Dialogue;
  #sending: Transfer | null = null;
  #saving: Transfer | null = null;
  #asked: File | null = null;

  constructor(talk: Dialogue) {
    super();
    this.#talk = talk;
  }

  get sending(): Transfer | null {
    return this.#sending;
  }
  get saving(): Transfer | null {
    return this.#saving;
  }
  /** A file that was dropped, and shall perhaps be sent. */
  get asked(): File | null {
    return this.#asked;
  }

  /** Asks whether a file shall be sent; null: no longer. */
  ask(file: File | null): void {
    this.#asked = file;
    this.changed();
  }

  /**
   * Sends a file. Resolves when it is over, whole or not.
   * @returns why it was not even begun, or null.
   */
  async send(file: File, pane: TerminalPane | null): Promise<NotSent | null> {
    const transfer = new Transfer("sending", file.name, file.size, () => this.changed());
    const problem = this.#talk.take(transfer);
    if (problem) {
      pane?.explain(problem);
      return problem;
    }
    this.#sending = transfer;
    this.changed();
    try {
      const work = await loaded(import("./file-send.ts"), pane);
      await work?.sendFile(this.#talk, file, transfer, pane);
    } finally {
      this.#talk.release(transfer);
      this.#sending = null;
      this.changed();
    }
    return null;
  }

  /**
   * Saves what arrives from now on. Resolves when that is over.
   * @param expected how many bytes are to come, where somebody knows; for the percentage alone.
   */
  async save(target: Target, expected: number | null, pane: TerminalPane | null): Promise<void> {
    const transfer = new Transfer("saving", target.name, expected, () => this.changed());
    this.#saving = transfer;
    this.changed();
    try {
      const work = await loaded(import("./file-save.ts"), pane);
      await work?.saveArriving(this.#talk, target, transfer, pane);
    } finally {
      this.#saving = null;
      this.changed();
    }
  }
}

/** A part of the page, or null when the gateway does not give it: that is said. */
async function loaded<T>(part: Promise<T>, pane: TerminalPane | null): Promise<T | null> {
  try {
    return await part;
  } catch {
    pane?.tell("This part of the page could not be loaded. Load the page again later.");
    return null;
  }
}

const all = new WeakMap<Dialogue, Transfers>();

/** The one of a dialogue. */
export function transfersOf(talk: Dialogue): Transfers {
  let transfers = all.get(talk);
  if (!transfers) {
    transfers = new Transfers(talk);
    all.set(talk, transfers);
  }
  return transfers;
}
