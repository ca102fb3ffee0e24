/** What saving and opening are doing now, for the views; the work itself is loaded when it is needed. */

import type { Dialogue } from "../model/dialogue.ts";
import { Store } from "../model/store.ts";
import type { Saved } from "./recording-work.ts";

/** Something that takes a while. */
export interface Job {
  kind: "saving" | "opening";
  /** The file's name. */
  name: string;
  /** Bytes written or read so far, and of how many, where that is known. */
  done: number;
  total: number | null;
}

export interface Trouble {
  headline: string;
  text: string;
}

export class Recorder extends Store {
  readonly #talk: Dialogue;
  #job: Job | null = null;
  #trouble: Trouble | null = null;
  #stop: AbortController | null = null;
  #showsCode = false;
  #opened = "";

  constructor(talk: Dialogue) {
    super();
    this.#talk = talk;
  }

  get job(): Job | null {
    return this.#job;
  }
  /** What went wrong with the last file, until it is dismissed. */
  get trouble(): Trouble | null {
    return this.#trouble;
  }
  get showsCode(): boolean {
    return this.#showsCode;
  }
  /** Name of the file that is replayed. */
  get opened(): string {
    return this.#opened;
  }

  showCode(shown: boolean): void {
    this.#showsCode = shown;
    this.changed();
  }

  dismiss(): void {
    this.#trouble = null;
    this.changed();
  }

  /** Stops what is going on; a file that was being written is not saved. */
  cancel(): void {
    this.#stop?.abort();
  }

  /** Saves the conversation on the screen, or the whole recording when one is replayed. */
  save(as: Saved): Promise<void> {
    return this.#work({ kind: "saving", name: "", done: 0, total: null }, async (work, going) => {
      const file = await work.fileOf(this.#talk, as, going);
      if (file) work.download(file.blob, file.name);
    });
  }

  /** Opens a file and puts it on the screen; one that cannot be read changes nothing there. */
  open(file: File): Promise<void> {
    const { name, size } = file;
    return this.#work({ kind: "opening", name, done: 0, total: size }, async (work, going) => {
      const opened = await work.read(file, going);
      if (!opened) return;
      this.#trouble = work.troubleOf(name, opened);
      if (opened.recording.events.length === 0) return;
      // It would be a program of what was on the screen before.
      this.#showsCode = false;
      this.#opened = name;
      this.#talk.show(work.replayOf(opened.recording));
    });
  }

  /** Says what cannot be opened, of things that are no file or are too many. */
  refuse(headline: string, text: string): void {
    this.#trouble = { headline, text };
    this.changed();
  }

  async #work(
    job: Job,
    run: (work: typeof import("./recording-work.ts"), going: Going) => Promise<void>,
  ): Promise<void> {
    this.cancel();
    const stop = new AbortController();
    this.#stop = stop;
    this.#job = job;
    this.#trouble = null;
    this.changed();
    try {
      await run(await import("./recording-work.ts"), {
        stopped: () => stop.signal.aborted,
        progress: (done, name = job.name) => {
          if (this.#stop !== stop) return;
          this.#job = { ...job, done, name };
          this.changed();
        },
      });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (this.#stop === stop) this.#trouble = { headline: failed[job.kind], text };
    }
    // Another piece of work has taken its place.
    if (this.#stop !== stop) return;
    this.#stop = null;
    this.#job = null;
    this.changed();
  }
}

const failed = {
  saving: "The file could not be saved.",
  opening: "The file could not be opened.",
};

/** How work that takes a while is followed, and learns that it is no longer wanted. */
export interface Going {
  stopped(): boolean;
  progress(done: number, name?: string): void;
}

const recorders = new WeakMap<Dialogue, Recorder>();

/** The one recorder of a talk. */
export function recorderOf(talk: Dialogue): Recorder {
  let recorder = recorders.get(talk);
  if (!recorder) {
    recorder = new Recorder(talk);
    recorders.set(talk, recorder);
  }
  return recorder;
}
