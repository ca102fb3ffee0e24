/** Large files sent and saved: byte for byte, with progress that is true, a stop, and bounded memory. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Browser } from "@playwright/test";
import { type BigFile, bigFile, hashOf } from "../support/big-file.ts";
import { report } from "../support/figures.ts";
import { expect, test } from "../support/fixtures.ts";
import { inLab } from "../support/lab-page.ts";
import { listenTcp } from "../support/tcp.ts";
import { UnwatchedPage } from "../support/unwatched-page.ts";

const MIB = 1024 * 1024;
/** 64 MiB of bytes kept for looking at, what is on its way, and the program itself. */
const HELD_MIB = 112;

/** A machine that others use as well has little of its processor left for so many bytes. */
const SLOWEST_MS = 150_000;

test.describe.configure({ timeout: SLOWEST_MS + 30_000 });

let folder: string;
let file: BigFile;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wireside-file-"));
  file = await bigFile(join(folder, "big.bin"), 256);
});

test.afterAll(() => rm(folder, { recursive: true }));

/** Everything that a socket reads, hashed and counted. */
function hashing(socket: Socket) {
  const hash = createHash("sha256");
  const read = { bytes: 0, sha256: () => hash.copy().digest("hex") };
  socket.removeAllListeners("data");
  socket.on("data", (data) => {
    hash.update(data);
    read.bytes += data.length;
  });
  return read;
}

/** Opens a page nobody else looks into, with its conversation at a fresh server and the lab open. */
async function unwatched(
  browser: Browser,
  url: string,
  use: (page: UnwatchedPage, socket: Socket) => Promise<void>,
): Promise<void> {
  const server = await listenTcp();
  const prepare = (address: string) => {
    localStorage.setItem("wireside address", JSON.stringify(address));
    // As over plain HTTP, where a page may not write into files: the browser downloads it at the end.
    Reflect.deleteProperty(window, "showSaveFilePicker");
  };
  const page = await UnwatchedPage.open(browser, url, prepare, `tcp://127.0.0.1:${server.port}`);
  try {
    const socket = await server.accepted();
    await page.shows("Enter message:");
    await page.press("button", "Lab");
    await use(page, socket);
  } finally {
    await page.close();
    await server.close();
  }
}

/** Progress as it is said in the page, in bytes and in words, from now on. */
async function watchProgress(
  page: UnwatchedPage,
  label: string,
): Promise<() => Promise<{ values: number[]; words: string[] }>> {
  await page.evaluate((wanted) => {
    const seen = { values: [] as number[], words: [] as string[] };
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const bar = document.querySelector<HTMLProgressElement>(`progress[aria-label="${wanted}"]`);
      if (!bar || bar.value === seen.values.at(-1)) return;
      seen.values.push(bar.value);
      seen.words.push(bar.closest("section")?.textContent ?? "");
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  }, label);
  return () => page.evaluate(() => (window as unknown as Seen).seen, null);
}

interface Seen {
  seen: { values: number[]; words: string[] };
}

/** It only grows, and says how much of how much, how fast, and how long it takes. */
function expectTrue({ values, words }: Seen["seen"]): void {
  expect(values.length).toBeGreaterThan(3);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(words.join("\n")).toMatch(/of 256 MiB, \d+ %.*\/s.* left/);
}

test("256 MiB sent arrive byte for byte, are one row of the terminal, and never are in the page at once", async ({
  browser,
  gateway,
}) => {
  await unwatched(browser, gateway.url, async (page, socket) => {
    const read = hashing(socket);
    const progress = await watchProgress(page, "Sending big.bin");
    const startedAt = performance.now();
    await page.chooseFile(file.path);
    await page.shows("Sent all of big.bin: 268,435,456 bytes.", SLOWEST_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    await expect.poll(() => read.bytes).toBe(file.bytes);
    expect(read.sha256()).toBe(file.sha256);
    const marks = () =>
      page.evaluate(
        () => [...document.querySelectorAll(".gutter .mark-out")].map((mark) => mark.textContent),
        null,
      );
    await expect.poll(marks).toEqual(["256 MiB"]);
    expectTrue(await progress());
    const heldMib = (await page.heldBytes()) / MIB;
    report("256 MiB sent", { seconds, "MiB/s": 256 / seconds, "held MiB": heldMib });
    expect(heldMib).toBeLessThanOrEqual(HELD_MIB);
    await page.typeLine(".xterm-helper-textarea", "after");
    await expect.poll(() => read.bytes).toBe(file.bytes + 5);
  });
});

test("256 MiB that arrive are saved byte for byte, and never are in the page at once", async ({
  browser,
  gateway,
}) => {
  await unwatched(browser, gateway.url, async (page, socket) => {
    const { browser: session, contextId } = page;
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      browserContextId: contextId,
      downloadPath: folder,
      eventsEnabled: true,
    });
    const downloaded = new Promise<void>((resolve) =>
      session.on("Browser.downloadProgress", ({ state }) => {
        if (state === "completed") resolve();
      }),
    );
    const name = `127.0.0.1-${socket.localPort}.bin`;
    await page.typeLine(".lab input[placeholder=unknown]", `${file.bytes}`);
    const progress = await watchProgress(page, `Saving ${name}`);
    await page.press("button", "Save to file…");
    await page.shows("What arrives goes into");
    const startedAt = performance.now();
    await pipeline(createReadStream(file.path, { highWaterMark: MIB }), socket);
    await page.shows("has all 268,435,456 bytes that came.", SLOWEST_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    const heldMib = (await page.heldBytes()) / MIB;
    await downloaded;
    const saved = await hashOf(join(folder, name));
    expect(saved).toEqual({ bytes: file.bytes, sha256: file.sha256 });
    expectTrue(await progress());
    report("256 MiB saved", { seconds, "MiB/s": 256 / seconds, "held MiB": heldMib });
    expect(heldMib).toBeLessThanOrEqual(HELD_MIB);
  });
});

test("stopped, a file's bytes that were sent stay sent, and are counted to the last", async ({
  page,
}) => {
  await inLab(page, async ({ terminal, peer }) => {
    peer.socket.pause();
    await page.getByLabel("File to send").setInputFiles(file.path);
    await expect(page.getByRole("progressbar", { name: "Sending big.bin" })).toBeVisible();
    // A line would be in the middle of the file.
    await terminal.page.locator(".screen").click();
    await terminal.type("not now");
    await terminal.press("Enter");
    await terminal.shows("a file is being sent");
    await page.getByRole("button", { name: "Stop sending big.bin" }).click();
    await terminal.shows("They stay sent.");
    const [, said = ""] =
      /Stopped: ([\d,]+) of 268,435,456 bytes/.exec(
        (await terminal.rows()).join(" ").replace(/\s+/g, " "),
      ) ?? [];
    const count = Number(said.replaceAll(",", ""));
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(file.bytes);
    const read = hashing(peer.socket);
    peer.socket.resume();
    await expect.poll(() => read.bytes).toBe(count);
    const sent = createHash("sha256");
    for await (const piece of createReadStream(file.path, { end: count - 1 })) sent.update(piece);
    expect(read.sha256()).toBe(sent.digest("hex"));
    await terminal.press("Enter");
    await expect.poll(() => read.bytes).toBe(count + "not now".length);
  });
});

test("a connection that ends in mid-file: as many bytes are named as the kernel took", async ({
  page,
}) => {
  await inLab(page, async ({ terminal, peer }) => {
    const read = hashing(peer.socket);
    await page.getByLabel("File to send").setInputFiles(file.path);
    await expect.poll(() => read.bytes).toBeGreaterThan(8 * MIB);
    peer.socket.resetAndDestroy();
    await terminal.shows("The connection ended in the middle of big.bin: the kernel took");
    // The sentence takes two rows, and perhaps two drawings.
    const named = async () => {
      const text = (await terminal.rows()).join(" ").replace(/\s+/g, " ");
      const [, said = ""] = /the kernel took ([\d,]+) of 268,435,456 bytes/.exec(text) ?? [];
      return Number(said.replaceAll(",", ""));
    };
    await expect.poll(named).toBeGreaterThanOrEqual(read.bytes);
    await expect(page.getByRole("progressbar")).toHaveCount(0);
  });
});

test("stopped, what was saved is kept, and what comes next is on the screen again", async ({
  page,
}) => {
  // A file of the browser's own (OPFS) stands for the one that its dialog would have given.
  await page.addInitScript(() => {
    const choose = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    Object.assign(window, { showSaveFilePicker: choose });
  });
  await inLab(page, async ({ terminal, peer, lab }) => {
    peer.socket.write("before");
    await terminal.shows("before");
    await lab.button("Save to file…").click();
    await terminal.shows("What arrives goes into");
    const piece = Buffer.alloc(3 * MIB, "é");
    peer.socket.write(piece);
    const name = `127.0.0.1-${peer.socket.localPort}.bin`;
    await expect(page.getByRole("region", { name: `Saving ${name}` })).toContainText("3.00 MiB");
    await page.getByRole("button", { name: `Stop saving ${name}` }).click();
    await terminal.shows("has 3,145,728 bytes. What comes now is shown here again.");
    peer.socket.write("after");
    await terminal.shows("after");
    const saved = await page.evaluate(async (wanted) => {
      const directory = await navigator.storage.getDirectory();
      const file = await (await directory.getFileHandle(wanted)).getFile();
      const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      );
    }, name);
    expect(saved).toBe(createHash("sha256").update(piece).digest("hex"));
    peer.socket.end();
    await once(peer.socket, "close");
  });
});
