/** The page's terminal as a person sees it: rows, cursor, marks; opened at a TCP server of the test's own. */
import { expect, type Page } from "@playwright/test";
import { listenTcp, Talk, type TestServer } from "./tcp.ts";

export interface Conversation {
  terminal: TerminalPage;
  server: TestServer;
  /** The server's end of the page's connection. */
  peer: Talk;
}

/** Opens the page with its conversation at a fresh server, which `use` is given; cleans up after. */
export async function converse(
  page: Page,
  use: (conversation: Conversation) => Promise<void>,
  choices: object = {},
): Promise<void> {
  const server = await listenTcp();
  try {
    const terminal = await TerminalPage.open(page, `tcp://127.0.0.1:${server.port}`, choices);
    const peer = new Talk(await server.accepted());
    await terminal.shows("Enter message:");
    await use({ terminal, server, peer });
  } finally {
    await page.close();
    await server.close();
  }
}

export class TerminalPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page; it connects by itself to the address it is said to have used last. */
  static async open(page: Page, address: string, choices: object = {}): Promise<TerminalPage> {
    await page.emulateMedia({ reducedMotion: "reduce", colorScheme: "dark" });
    await page.addInitScript(
      ([last, chosen]) => {
        localStorage.setItem("wireside address", JSON.stringify(last));
        localStorage.setItem("wireside choices", JSON.stringify(chosen));
      },
      [address, choices] as const,
    );
    await page.goto("");
    return new TerminalPage(page);
  }

  /** The rows on the screen, without the empty ones at the end. */
  async rows(): Promise<string[]> {
    const texts = await this.page.locator(".xterm-rows > div").allTextContents();
    const rows = texts.map((text) => text.replaceAll("\u00a0", " ").trimEnd());
    while (rows.at(-1) === "") rows.pop();
    return rows;
  }

  /** All rows as one text: what wraps is whole again. */
  async text(): Promise<string> {
    return (await this.rows()).join("");
  }

  /** The rows hold this text, spaces aside: those at the end of a row cannot be seen. */
  async shows(text: string): Promise<void> {
    const dense = (shown: string) => shown.replace(/\s/g, "");
    await expect.poll(async () => dense(await this.text())).toContain(dense(text));
  }

  /** The last rows are these. */
  async endsWith(...rows: string[]): Promise<void> {
    await expect.poll(async () => (await this.rows()).slice(-rows.length)).toEqual(rows);
  }

  /** What stands before the cursor in its row, and the character under it. */
  async cursor(): Promise<{ row: number; before: string; under: string }> {
    return this.page.evaluate(() => {
      const rows = [...document.querySelectorAll(".xterm-rows > div")];
      for (const [row, element] of rows.entries()) {
        const cursor = element.querySelector(".xterm-cursor");
        if (!cursor) continue;
        const range = document.createRange();
        range.setStart(element, 0);
        range.setEndBefore(cursor);
        const plain = (text: string) => text.replaceAll("\u00a0", " ");
        return { row, before: plain(range.toString()), under: plain(cursor.textContent ?? "") };
      }
      return { row: -1, before: "", under: "" };
    });
  }

  /** The cursor comes to stand behind `before` and on `under`. */
  async cursorAt(before: string, under: string): Promise<void> {
    await expect
      .poll(async () => {
        const cursor = await this.cursor();
        return [cursor.before, cursor.under];
      })
      .toEqual([before, under]);
  }

  /** The gutter's marks from top to bottom, such as `12 B →`. */
  async marks(): Promise<string[]> {
    const marks = await this.page.locator(".gutter .mark").evaluateAll((elements) =>
      elements
        .map((element) => ({
          top: element.getBoundingClientRect().top,
          text: `${element.textContent} ${element.classList.contains("mark-out") ? "→" : "←"}`,
        }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
    return marks;
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  /** Presses keys one after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Puts text into the clipboard and pastes it with Ctrl-V. */
  async paste(text: string): Promise<void> {
    await this.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await this.press("Control+v");
  }
}
