/** How quick this machine is at what pages do, at this moment: what a page takes is compared with it. */
import type { Page } from "@playwright/test";

const ROUNDS = 5;

/**
 * Milliseconds that a fixed piece of plain work takes in the page, without any program of ours: a hundred
 * thousand objects are made, sorted and put into a map, and five hundred rows are laid out.
 * @returns the middle of several rounds.
 */
export function yardstick(page: Page): Promise<number> {
  return page.evaluate((rounds) => {
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now();
      const events = Array.from({ length: 100_000 }, (_, i) => ({
        at: (i * 7919 + round) % 100_003,
        text: `event ${i}`,
      }));
      events.sort((a, b) => a.at - b.at);
      const byText = new Map(events.map((event) => [event.text, event]));
      const list = document.createElement("div");
      for (let i = 0; i < 500; i++) {
        const row = list.appendChild(document.createElement("p"));
        row.append(`${byText.get(`event ${i}`)?.at} B sent at ${i} s`);
      }
      document.body.append(list);
      list.getBoundingClientRect();
      list.remove();
      took.push(performance.now() - startedAt);
    }
    return took.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  }, ROUNDS);
}
