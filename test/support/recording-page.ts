/** Saving, opening and replaying in the page, as a person does it. */
import { readFile } from "node:fs/promises";
import { type Download, expect, type Locator, type Page, type TestInfo } from "@playwright/test";
import { BOTH_HUNG_UP, TalkPage } from "./talk-page.ts";

export class RecordingPage {
  readonly page: Page;
  readonly talk: TalkPage;

  constructor(page: Page) {
    this.page = page;
    this.talk = new TalkPage(page);
  }

  get bar() {
    return this.page.getByRole("region", { name: "Replay" });
  }

  /** The lesson's conversation, from the first line to the last. */
  async lesson(): Promise<void> {
    await this.talk.open();
    await this.talk.say("Wake up, Neo");
    await expect(this.marks("12 B")).toBeVisible();
    await this.talk.shows("accepted");
    await this.talk.say("close");
    await this.talk.shows(BOTH_HUNG_UP);
    await this.talk.shows("Press Enter to connect again.");
    await this.settled();
  }

  marks(text: string) {
    return this.page.locator(".gutter .mark", { hasText: text }).first();
  }

  /** The server's own calls and the kernel have told their last; only TIME_WAIT runs. */
  async settled(): Promise<void> {
    await this.page.getByRole("tab", { name: "List" }).click();
    const last = this.talk.events.filter({ hasText: "the server closed its socket" });
    await expect(last).toHaveCount(1);
    const cells = this.page.locator(".status .cell");
    for (const [at, name] of ["Your socket", "Server socket"].entries()) {
      await expect(cells.nth(at)).toHaveText(new RegExp(`^${name}\\s*(CLOSED|TIME_WAIT)`));
    }
  }

  get button() {
    return this.page.getByRole("button", { name: /^Record:/ });
  }

  async save(name: string | RegExp, info: TestInfo): Promise<{ path: string; download: Download }> {
    await this.button.click();
    const downloading = this.page.waitForEvent("download");
    await this.page.getByRole("button", { name }).click();
    const download = await downloading;
    const path = info.outputPath(`${info.attachments.length}-${download.suggestedFilename()}`);
    await download.saveAs(path);
    return { path, download };
  }

  async open(path: string): Promise<void> {
    await this.button.click();
    const choosing = this.page.waitForEvent("filechooser");
    await this.page.getByRole("button", { name: /^Open a recording/ }).click();
    await (await choosing).setFiles(path);
  }

  /** Drags files over the page, and drops them on the terminal, or on something else. */
  async drop(files: Record<string, string>, on = ".screen"): Promise<void> {
    const data = await this.page.evaluateHandle((contents) => {
      const transfer = new DataTransfer();
      for (const [name, text] of Object.entries(contents)) {
        transfer.items.add(new File([text], name));
      }
      return transfer;
    }, files);
    const target = this.page.locator(on).first();
    await target.dispatchEvent("dragenter", { dataTransfer: data });
    await expect(
      this.page.getByText("Drop a recording to open it, any other file to send it"),
    ).toBeVisible();
    await target.dispatchEvent("drop", { dataTransfer: data });
    await expect(
      this.page.getByText("Drop a recording to open it, any other file to send it"),
    ).toHaveCount(0);
  }

  /** From wherever it is to its end. */
  async toEnd(): Promise<void> {
    await this.page.getByRole("slider", { name: "Position in the recording" }).press("End");
    await expect(this.bar.getByRole("button", { name: "Play again" })).toBeVisible();
  }

  /** The rows of the terminal on the screen, without the empty ones at the end. */
  async rows(): Promise<string[]> {
    const scope = (await this.bar.count()) > 0 ? ".replay-terminal " : "";
    const texts = await this.page.locator(`${scope}.xterm-rows > div`).allTextContents();
    const rows = texts.map((text) => text.replaceAll("\u00a0", " ").trimEnd());
    while (rows.at(-1) === "") rows.pop();
    return rows;
  }

  /** What the list says, from its first row to its last: the screen has to have room for it. */
  async list(): Promise<string[]> {
    await this.page.getByRole("tab", { name: "List" }).click();
    return wholeOf(this.talk.events);
  }

  /** What the bytes panel shows of a piece that is picked in the ladder; it is shut again. */
  async bytes(piece: string): Promise<string> {
    const row = this.page.getByRole("tabpanel").locator("li", { hasText: piece });
    await row.focus();
    await row.press("Enter");
    const panel = this.page.locator(".inspector");
    await expect(panel).toContainText("0000");
    // Its last row as well.
    await expect(panel).toContainText(piece.slice(-3));
    const text = await panel.innerText();
    await this.page.keyboard.press("Escape");
    await expect(panel).toHaveCount(0);
    return text;
  }

  /** The same of the ladder. */
  async ladder(): Promise<string[]> {
    await this.page.getByRole("tab", { name: "Ladder" }).click();
    return wholeOf(this.page.getByRole("tabpanel").locator("li"));
  }
}

/** What rows say, once all of them are there: they are loaded and measured before they are drawn. */
async function wholeOf(rows: Locator): Promise<string[]> {
  let said: string[] = [];
  const missing = async () => {
    const drawn = await rows.evaluateAll((all) => ({
      texts: all.map((row) => (row as HTMLElement).innerText),
      total: Number(all[0]?.ariaSetSize ?? Number.NaN),
    }));
    said = drawn.texts;
    return drawn.total - drawn.texts.length;
  };
  await expect.poll(missing).toBe(0);
  return said;
}

/** The lesson as the page saved it, in a page that has talked to the lesson server. */
export async function saved(page: Page, info: TestInfo) {
  const recording = new RecordingPage(page);
  await recording.lesson();
  const { path, download } = await recording.save(/^Recording/, info);
  return { recording, path, download, text: await readFile(path, "utf8") };
}
