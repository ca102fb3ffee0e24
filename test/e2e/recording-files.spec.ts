/** Files of the page: each format as its own reader sees it, and files that are broken, huge or hostile. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { eventLine, writeJsonl } from "../../web/model/recording/jsonl.ts";
import { expect, test } from "../support/fixtures.ts";
import { longRecording } from "../support/long-recording.ts";
import { Program } from "../support/programs.ts";
import { RecordingPage, saved } from "../support/recording-page.ts";
import { data, recorded, tutorial } from "../support/recordings.ts";
import { TalkPage } from "../support/talk-page.ts";
import { closedPort } from "../support/tcp.ts";
import { dissect } from "../support/tshark.ts";

test.use({ reducedMotion: "reduce", colorScheme: "dark" } as object);

const fileOf = (recording: typeof tutorial) => [...writeJsonl(recording)].join("");

/** Size and colours of a picture as the browser draws it; it throws where it is no picture. */
function pictured(page: Page, svg: string) {
  return page.evaluate(async (text) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    await image.decode();
    const xml = new DOMParser().parseFromString(text, "image/svg+xml");
    return {
      width: image.naturalWidth,
      broken: xml.querySelector("parsererror") !== null,
      active: xml.querySelectorAll("script, foreignObject, image, a").length,
      sheet: xml.querySelector("rect")?.getAttribute("fill"),
      text: xml.documentElement.textContent ?? "",
    };
  }, svg);
}

test("each format is read by the program it is for, and the focus stays on the menu's button", async ({
  page,
}, info) => {
  const { recording } = await saved(page, info);
  await expect(recording.button).toBeFocused();
  const cast = await readFile((await recording.save(/^Terminal recording/, info)).path, "utf8");
  const [header, ...lines] = cast
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(header).toMatchObject({ version: 3, term: { cols: 100, rows: 30 } });
  expect(lines.map(([, , text]) => text).join("")).toContain("Wake up, Neo");
  const capture = await readFile((await recording.save(/^Capture/, info)).path);
  const packets = await dissect(capture, ["data.data"]);
  const payloads = packets.map((packet) => Buffer.from(packet["data.data"], "hex").toString());
  expect(payloads.filter(Boolean)).toEqual(["Wake up, Neo", "accepted", "close", "closed"]);
  const text = await readFile((await recording.save(/^Text/, info)).path, "utf8");
  expect(text).toMatch(/→ {2}sent 12 B\n +\| Wake up, Neo\n/);
  const svg = await readFile((await recording.save(/^Ladder/, info)).path, "utf8");
  const board = await pictured(page, svg);
  expect(board).toMatchObject({ width: 760, broken: false, active: 0, sheet: "#111b18" });
  expect(board.text).toContain("Wake up, Neo");
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "pad");
  const light = await readFile((await recording.save(/^Ladder/, info)).path, "utf8");
  expect((await pictured(page, light)).sheet).toBe("#f1f5ef");
  await expect(recording.button).toBeFocused();
});

test("the saved program has the conversation again with the same server", async ({
  page,
}, info) => {
  const { recording } = await saved(page, info);
  await recording.button.click();
  await page.getByRole("button", { name: /^Show as Python/ }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download .py" }).click();
  const program = new Program("python3", [await (await downloading).path()]);
  expect(await program.ended).toMatchObject({ code: 0 });
  expect(program.output).toBe(
    "Received 8 bytes: b'accepted'\nReceived 6 bytes: b'closed'\nThe server hung up.\n" +
      "Connection to server closed\n",
  );
});

test("a refused connection replays to the same terminal, ladder and list", async ({
  page,
}, info) => {
  await page.setViewportSize({ width: 1440, height: 1600 });
  const recording = new RecordingPage(page);
  const talk = new TalkPage(page);
  await page.addInitScript(
    (kept) => localStorage.setItem("wireside address", JSON.stringify(kept)),
    `tcp://127.0.0.1:${await closedPort()}`,
  );
  await page.goto("/");
  await talk.shows("Connection refused");
  await talk.shows("Press Enter to connect again.");
  // Connecting again is offered only where it can be done.
  const rows = await recording.rows();
  const offer = rows.findIndex((row) => row.startsWith("Nothing was sent."));
  rows.splice(offer);
  const ladder = await recording.ladder();
  const list = await recording.list();
  const { path } = await recording.save(/^Recording/, info);
  await recording.open(path);
  await recording.toEnd();
  await expect.poll(() => recording.rows()).toEqual(rows);
  await expect.poll(() => recording.list()).toEqual(list);
  await expect.poll(() => recording.ladder()).toEqual(ladder);
  const text = await readFile(path, "utf8");
  const again = await recording.save(/^Recording/, info);
  expect(await readFile(again.path, "utf8")).toBe(text);
});

test("recordings of all sorts follow each other, and each is shown as it is", async ({
  page,
}, info) => {
  // Room for the terminal beside what explains the failure.
  await page.setViewportSize({ width: 1440, height: 1600 });
  const recording = new RecordingPage(page);
  await recording.talk.open();
  await test.step("a recording of nothing but the wish to connect, and one of a reset, are shown as they were", async () => {
    await recording.drop({ "opening.jsonl": fileOf(recorded(tutorial.events.slice(0, 1))) });
    await expect(recording.bar).toContainText("event 1 of 1");
    await expect(recording.bar.getByRole("button", { name: "Play again" })).toBeFocused();
    const reset = { kind: "reset", side: "near", direction: "in", code: "ECONNRESET" } as const;
    const events = [...tutorial.events.slice(0, 4), { ...reset, at: 2, detail: "" }];
    await recording.drop({ "reset.jsonl": fileOf(recorded(events)) }, ".pane-body, .panes");
    await expect(recording.bar).toContainText("reset.jsonl");
    await recording.toEnd();
    await expect.poll(async () => (await recording.rows()).join(" ")).toContain("reset by peer");
    // Who listens now is not known to have listened then.
    const office = page.getByRole("region", { name: "What went wrong" }).getByRole("img");
    await expect(office).toHaveAccessibleName(/office/);
    await expect(office).not.toHaveAccessibleName(/Somebody sits at/);
  });
  await test.step("a file with CR LF, a byte order mark and an empty line is forgiven", async () => {
    const text = `\ufeff${fileOf(tutorial).replaceAll("\n", "\r\n")}\r\n`;
    await recording.drop({ "windows.jsonl": text }, ".pane-body, .panes");
    await expect(recording.bar).toContainText("windows.jsonl");
    await expect(recording.bar).toContainText(`of ${tutorial.events.length}`);
    await expect(page.getByRole("alert")).toHaveCount(0);
  });
  await test.step("the ladder of a recording is saved whole, wherever its replay is", async () => {
    await recording.drop({ "lesson.jsonl": fileOf(tutorial) }, ".pane-body, .panes");
    await expect(recording.bar).toContainText("lesson.jsonl");
    await expect(recording.bar).toContainText("event 1 of");
    const svg = await readFile((await recording.save(/^Ladder/, info)).path, "utf8");
    expect((await pictured(page, svg)).text).toContain("Wake up, Neo");
    await expect(recording.bar).toContainText("event 1 of");
  });
  await test.step("markup and escapes in a recording are shown and not obeyed", async () => {
    const markup = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const events = [
      ...tutorial.events.slice(0, 4),
      data(2, "in", 0, `\x1b]0;owned\x07\x1b[2J${markup}`),
      { kind: "error", at: 3, side: "near", code: "UNKNOWN", detail: markup } as const,
    ];
    const name = `<b onmouseover="document.title='owned'">.jsonl`;
    await recording.drop({ [name]: fileOf(recorded(events)) }, ".pane-body, .panes");
    await expect(recording.bar).toContainText(name);
    await recording.toEnd();
    await expect
      .poll(async () => (await recording.rows()).join(""))
      .toContain("\\x1b]0;owned\\x07");
    await recording.list();
    await recording.ladder();
    expect(await page.title()).not.toContain("owned");
    await expect(page.locator("img[src='x'], .replay b")).toHaveCount(0);
  });
  await test.step("the menu says what a file can no longer have in it", async () => {
    const cut = { ...data(1, "in", 500, "the beginning"), length: 5000 };
    await recording.drop({ "late.jsonl": fileOf(recorded([cut], 1200)) }, ".pane-body, .panes");
    await expect(recording.bar).toContainText("event 1 of 1");
    await recording.button.click();
    const menu = page.getByRole("region", { name: /^Record:/ });
    await expect(menu).toContainText("The first 1,200 events are no longer kept");
    await expect(menu).toContainText("only the beginning is kept");
  });
});

test("a file that cannot be opened says why, and changes nothing", async ({ page }) => {
  const recording = new RecordingPage(page);
  const alert = page.getByRole("alert");
  const [header = "", opening = "", ...others] = fileOf(tutorial).split("\n");
  await recording.talk.open();
  for (const [what, content, words] of [
    ["one of no bytes", "", "the file is empty"],
    ["a line of ten megabytes", `{"wireside":"${"x".repeat(1e7)}`, "Line 1 is too long"],
    ["numbers beyond counting", header.replace('"forgotten":0', '"forgotten":1e308'), "forgotten"],
    ["a version to come", header.replace('"version":1', '"version":2'), "A newer one can open it"],
    ["a terminal recording", '{"version":3,"term":{"cols":80,"rows":24}}\n', "asciicast"],
  ] as const) {
    await test.step(what, async () => {
      // A name of its own tells each answer from the one before.
      const name = `${what.replaceAll(" ", "-")}.jsonl`;
      await recording.drop({ [name]: content });
      await expect(alert).toContainText(`${name} is not a recording`);
      await expect(alert).toContainText(words);
      await expect(recording.bar).toHaveCount(0);
    });
  }
  await test.step("two files at once", async () => {
    await recording.drop({ "a.jsonl": fileOf(tutorial), "b.jsonl": fileOf(tutorial) });
    await expect(alert).toHaveText(/One file at a time/);
    await expect(recording.bar).toHaveCount(0);
  });
  await test.step("a folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wireside-folder-"));
    const session = await page.context().newCDPSession(page);
    const drag = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: 200, y: 300, data: drag });
    }
    await expect(alert).toContainText("is a folder");
    await rm(folder, { recursive: true });
  });
  await test.step("an offset out of nowhere ends what can be read of it", async () => {
    const far = eventLine(data(1, "in", 2 ** 52, "x"));
    await recording.drop({ "odd.jsonl": [header, opening, far, ...others].join("\n") });
    await expect(alert).toContainText("only up to line 2");
    await expect(recording.bar).toContainText("of 1");
  });
});

test("a file that comes slowly shows how far it is, and can be given up", async ({ page }) => {
  // The third piece of the file comes when the test says so.
  await page.addInitScript(() => {
    const read = Blob.prototype.arrayBuffer;
    let pieces = 0;
    Blob.prototype.arrayBuffer = async function arrayBuffer() {
      if (++pieces === 3) await new Promise((go) => addEventListener("go", go, { once: true }));
      return read.call(this);
    };
  });
  const recording = new RecordingPage(page);
  await recording.talk.open();
  await recording.drop({ "slow.jsonl": longRecording(3_000, 0.001).toString() });
  const job = page.locator(".notice.job");
  await expect(job).toContainText("Opening slow.jsonl");
  await expect(job).toContainText("128 KiB of");
  const progress = page.getByRole("progressbar", { name: "Opening" });
  await expect(progress).toHaveJSProperty("value", 128 * 1024);
  await job.getByRole("button", { name: "Cancel" }).click();
  await page.evaluate(() => dispatchEvent(new Event("go")));
  await expect(job).toHaveCount(0);
  await expect(recording.bar).toHaveCount(0);
  await recording.drop({ "lesson.jsonl": fileOf(tutorial) });
  await expect(recording.bar).toContainText("lesson.jsonl");
});
