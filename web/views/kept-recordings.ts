/** Asks the gateway for the conversations that a class has kept, and has them deleted. */
import { RecordingsNow } from "../../shared/classroom.ts";
import { parseMessage } from "../../shared/protocol.ts";
import type { KeptRecording } from "../model/kept-list.ts";
import { Store } from "../model/store.ts";

export type KeptState =
  | { name: "loading" }
  /** The gateway keeps nothing. */
  | { name: "off" }
  | { name: "failed"; why: string }
  | { name: "ready"; list: readonly KeptRecording[] };

export class KeptRecordings extends Store {
  readonly #base: string;
  #state: KeptState = { name: "loading" };
  #problem: string | null = null;

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

  /** Reads the list anew; the one before stays until it is there. */
  async load(): Promise<void> {
    const answer = await this.#ask("GET", "recordings");
    if (answer.ok) {
      const { recordings } = parseMessage(RecordingsNow, await answer.text());
      return this.#become({ name: "ready", list: recordings });
    }
    if (answer.status === 404) return this.#become({ name: "off" });
    const why = await sentenceOf(answer);
    // An older list is better than none.
    if (this.#state.name === "ready") this.#say(why);
    else this.#become({ name: "failed", why });
  }

  /** @returns the file of a conversation, as far as it is written; null when it cannot be had. */
  async file(id: string): Promise<File | null> {
    const answer = await this.#ask("GET", `recordings/${encodeURIComponent(id)}`);
    if (answer.ok) {
      this.#say(null);
      return new File([await answer.blob()], `${id}.jsonl`, { type: "application/jsonl" });
    }
    this.#say(await sentenceOf(answer));
    return null;
  }

  /** Deletes one for good; without `id`, all of them. */
  async remove(id?: string): Promise<void> {
    const path = id === undefined ? "recordings" : `recordings/${encodeURIComponent(id)}`;
    const answer = await this.#ask("DELETE", path);
    this.#say(answer.ok ? null : await sentenceOf(answer));
    await this.load();
  }

  async #ask(method: "GET" | "DELETE", path: string): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#base), { method, cache: "no-store" });
    } catch {
      const error = "The gateway does not answer. Try again when it is back.";
      return new Response(JSON.stringify({ error }), { status: 503 });
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

/** What the gateway said, or that it did not say anything. */
async function sentenceOf(answer: Response): Promise<string> {
  try {
    const said: unknown = await answer.json();
    if (typeof said === "object" && said !== null && "error" in said) return String(said.error);
  } catch {
    // Not the gateway's own answer: its number is all there is.
  }
  return `The gateway answered ${answer.status}.`;
}
