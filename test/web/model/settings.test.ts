/** What a person has chosen, in a browser that keeps it, and in one that has no room for more. */
import { expect, test } from "vitest";
import { type Keep, Settings } from "../../../web/model/settings.ts";

/** As Web Storage: beyond so many characters it takes nothing more. */
class SmallStorage implements Keep {
  readonly #kept = new Map<string, string>();
  room = Number.POSITIVE_INFINITY;

  getItem(key: string): string | null {
    return this.#kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.#kept.set(key, value);
  }
}

test("a choice holds as long as the page, though the browser has no room to keep it in", () => {
  const storage = new SmallStorage();
  const settings = new Settings(storage);
  settings.chooseLineEnding("tcp://127.0.0.1:8000", "lf");
  settings.remember("tcp://127.0.0.1:8000", "one");
  storage.room = 0;
  settings.chooseLineEnding("tcp://127.0.0.1:8000", "crlf");
  settings.remember("tcp://127.0.0.1:8000", "two");
  expect(settings.lineEnding("tcp://127.0.0.1:8000")).toBe("crlf");
  expect(settings.history("tcp://127.0.0.1:8000")).toEqual(["one", "two"]);
  // Another tab may have written since: what could be kept is what counts.
  storage.room = Number.POSITIVE_INFINITY;
  settings.chooseLineEnding("tcp://127.0.0.1:8000", "none");
  new Settings(storage).chooseLineEnding("tcp://127.0.0.1:8000", "lf");
  expect(settings.lineEnding("tcp://127.0.0.1:8000")).toBe("lf");
});
