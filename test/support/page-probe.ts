/**
 * Measures in the page what a person feels: how long a key takes until its character is painted,
 * and how long the page does nothing else. Reads only the DOM, so that no program is changed for it.
 */
import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { decodeFrame, FrameType } from "../../shared/frames.ts";
import { promptOf } from "../../web/terminal/sent-line.ts";

export interface Felt {
  /** Milliseconds from each key to its character on the screen. */
  keys: number[];
  /** Keys whose character has not been seen. */
  unseen: number;
  /** Tasks of the main thread over 50 ms, in milliseconds (W3C Long Tasks). */
  longTasks: number[];
}

type Probed = Window & { probe: { felt: () => Felt; shown: (text: string) => Promise<number> } };

/** Begins to measure: letters and digits typed at the end of an empty line, and Ctrl-U. */
export async function probe(page: Page): Promise<void> {
  await page.evaluate((prompt) => {
    const keys: number[] = [];
    const longTasks: number[] = [];
    const pending: { line: string; at: number }[] = [];
    const awaited: { text: string; resolve: (at: number) => void }[] = [];
    const rows = document.querySelector(".xterm-rows");
    if (!rows) throw new Error("there is no terminal");
    let line = "";
    const look = () => {
      const text = (rows.textContent ?? "").replaceAll("\u00a0", " ");
      const seen = pending.filter((key) => text.includes(prompt + key.line));
      for (const key of seen) pending.splice(pending.indexOf(key), 1);
      // A message posted in a frame is delivered once that frame has been handed over for painting.
      const frame = new MessageChannel();
      frame.port1.onmessage = () => {
        for (const key of seen) keys.push(performance.now() - key.at);
        frame.port1.close();
      };
      if (seen.length > 0) frame.port2.postMessage(null);
      for (const { text: wanted, resolve } of awaited) {
        if (text.includes(wanted)) resolve(performance.now());
      }
    };
    document.addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey && event.key === "u") line = "";
        if (event.ctrlKey || event.key.length !== 1) return;
        line += event.key;
        pending.push({ line, at: event.timeStamp });
      },
      true,
    );
    new MutationObserver(look).observe(rows, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) longTasks.push(task.duration);
    }).observe({ type: "longtask" });
    (window as unknown as Probed).probe = {
      felt: () => ({ keys, unseen: pending.length, longTasks }),
      shown: (text) =>
        new Promise((resolve) => {
          awaited.push({ text, resolve });
          look();
        }),
    };
  }, promptOf("client"));
}

/** What was measured so far. */
export const felt = (page: Page): Promise<Felt> =>
  page.evaluate(() => (window as unknown as Probed).probe.felt());

/** Waits until the terminal shows a text. @returns when, in milliseconds of the page's clock. */
export const shownAt = (page: Page, text: string): Promise<number> =>
  page.evaluate((wanted) => (window as unknown as Probed).probe.shown(wanted), text);

/** Value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Bytes that the page's scripts hold after a garbage collection, array buffers among them. */
export async function heldBytes(page: Page): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send("HeapProfiler.collectGarbage");
  const usage = await client.send("Runtime.getHeapUsage");
  await client.detach();
  return usage.usedSize + usage.backingStorageSize;
}

export interface Work {
  /** Seconds that the page's main thread computed. */
  computed: number;
  /** How much longer that took: 1 on a machine of its own, 2 when others had half of its processor. */
  crowding: number;
}

/** Begins to measure the work of the page's main thread. @returns what ends it. */
export async function measureWork(page: Page): Promise<() => Promise<Work>> {
  const clocks = await Promise.all(
    (["timeTicks", "threadTicks"] as const).map(async (timeDomain) => {
      const client = await page.context().newCDPSession(page);
      await client.send("Performance.enable", { timeDomain });
      const read = async () => {
        const { metrics } = await client.send("Performance.getMetrics");
        return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
      };
      return { read, before: await read() };
    }),
  );
  return async () => {
    const [wall = 0, computed = 0] = await Promise.all(
      clocks.map(async ({ read, before }) => (await read()) - before),
    );
    return { computed, crowding: Math.max(1, wall / computed) };
  };
}

/** SHA-256 of a conversation's bytes as the browser hands them to the page, on a link that never breaks. */
export function received(page: Page): { sha256: () => string } {
  const hash = createHash("sha256");
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      const frame = typeof payload === "string" ? null : decodeFrame(payload);
      if (frame?.type === FrameType.data) hash.update(frame.payload);
    }),
  );
  return { sha256: () => hash.digest("hex") };
}
