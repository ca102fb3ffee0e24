/** Asks the gateway for the conversations that a class has kept, and has them deleted. */
import { RecordingsNow } from "../../shared/classroom.ts";
import { MessageError, parseMessage } from "../../shared/protocol.ts";
import type { KeptRecording } from "../model/kept-list.ts";
import { Store } from "../model/store.ts";

export type KeptState =
  | { name: "loading" }
  /** The gateway keeps nothing. */
  | { name: "off" }
  | { name: "failed"; why: string }
  | { name: "ready"; list: readonly KeptRecording[] };

interface Answer {
  ok: boolean;
  status: number;
  body: Blob;
}

export class KeptRecordings extends Store {
  readonly #base: string;
  #state: KeptState = { name: "loading" };
  #problem: string | null = null;
  /** Lists asked for so far: an answer to an earlier question may come later. */
  #asked = 0;

  /** @param base the page's own address; `recordings` lies beside it. */
  constructor(base: string) {
    super();
    this.#base = base;
  }

  get state(): KeptState {
    return this.#state;
  }
  /** Why the last thing that was asked for was not done; null: it was. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Where the file of a conversation is; without one, all of them together. */
  address(id?: string): string {
    const path = id === undefined ? "recordings.zip" : `recordings/${encodeURIComponent(id)}`;
    return new URL(path, this.#base).href;
  }

  /**
   * Reads the list anew; the one before stays until it is there.
   * @returns whether nothing was in the way.
   */
  load(): Promise<boolean> {
    return this.#load(null);
  }

  /** @param problem what is still to be said once the list is there. */
  async #load(problem: string | null): Promise<boolean> {
    const nth = ++this.#asked;
    const { ok, status, body } = await this.#ask("GET", "recordings");
    const said = await body.text();
    if (nth !== this.#asked) return true;
    const recordings = ok ? listIn(said) : null;
    if (recordings || status === 404) {
      this.#problem = problem;
      this.#become(recordings ? { name: "ready", list: recordings } : { name: "off" });
      return true;
    }
    const why = ok ? "Something else than the gateway has answered." : sentenceOf(status, said);
    // An older list is better than none.
    if (this.#state.name === "ready") this.#say(why);
    else this.#become({ name: "failed", why });
    return false;
  }

  /**
   * @param name of the file.
   * @returns the file of a conversation, as far as it is written; null when it cannot be had.
   */
  async file(id: string, name = `${id}.jsonl`): Promise<File | null> {
    const { ok, status, body } = await this.#ask("GET", `recordings/${encodeURIComponent(id)}`);
    this.#say(ok ? null : sentenceOf(status, await body.text()));
    return ok ? new File([body], name, { type: "application/jsonl" }) : null;
  }

  /** Deletes one for good; without `id`, all of them. */
  async remove(id?: string): Promise<void> {
    const path = id === undefined ? "recordings" : `recordings/${encodeURIComponent(id)}`;
    const { ok, status, body } = await this.#ask("DELETE", path);
    const problem = ok ? null : sentenceOf(status, await body.text());
    this.#say(problem);
    await this.#load(problem);
  }

  /** The whole answer; one that breaks off is none. */
  async #ask(method: "GET" | "DELETE", path: string): Promise<Answer> {
    try {
      const answer = await fetch(new URL(path, this.#base), { method, cache: "no-store" });
      return { ok: answer.ok, status: answer.status, body: await answer.blob() };
    } catch {
      const error = "The gateway does not answer. Try again when it is back.";
      return { ok: false, status: 503, body: new Blob([JSON.stringify({ error })]) };
    }
  }

  #say(problem: string | null): void {
    this.#problem = problem;
    this.changed();
  }

  #become(state: KeptState): void {
    this.#state = state;
    this.changed();
  }
}

/** null: something else than the gateway, such as a proxy, has answered. */
function listIn(answer: string): readonly KeptRecording[] | null {
  try {
    return parseMessage(RecordingsNow, answer).recordings;
  } catch (error) {
    if (error instanceof MessageError) return null;
    throw error;
  }
}

/** What the gateway said, or that it did not say anything. */
function sentenceOf(status: number, answer: string): string {
  try {
    const said: unknown = JSON.parse(answer);
    if (typeof said === "object" && said !== null && "error" in said) return String(said.error);
  } catch {
    // Not the gateway's own answer: its number is all there is.
  }
  return `The gateway answered ${status}.`;
}
