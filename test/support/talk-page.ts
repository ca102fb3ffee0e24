/** The screen Talk as a person uses it: typed at by keyboard, read from what is drawn. */
import { expect, type Locator, type Page } from "@playwright/test";

/** Rows that break between two words have no space there. */
function acrossRows(text: string): RegExp {
  const words = text.split(" ").map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(words.join("\\s*"));
}

/** After `closed` both ends hang up at once, and either FIN may be the first on the wire. */
export const BOTH_HUNG_UP =
  /closed\s*(The server hung up\.|You hung up\.(\s*The server hung up too\.)?)\s*Connection to server closed/;

export class TalkPage {
  readonly page: Page;
  /** The rows of the terminal that are on the screen, as text. */
  readonly terminal: Locator;
  /** The rows of the list that are on the screen, oldest first; `showList` brings it there. */
  readonly events: Locator;
  /** The strip that says that something is wrong with the link to the gateway. */
  readonly notice: Locator;
  /** The panel that explains a failure. */
  readonly explained: Locator;
  readonly address: Locator;

  constructor(page: Page) {
    this.page = page;
    this.terminal = page.locator(".xterm-rows");
    this.events = page.locator(".events li");
    this.notice = page.locator(".notice");
    this.explained = page.getByRole("region", { name: "What went wrong" });
    this.address = page.getByRole("textbox", { name: "Address of the server" });
  }

  /**
   * Loads the page and waits until it asks for the first line.
   * @param address where it begins, as if that had been the last conversation's; else the lesson.
   */
  async open(address?: string, url = "/"): Promise<void> {
    if (address) {
      await this.page.addInitScript(
        (kept) => localStorage.setItem("wireside address", JSON.stringify(kept)),
        address,
      );
    }
    await this.page.goto(url);
    await this.shows("Enter message:");
  }

  /** Waits until the ladder is there: it is loaded after the page, and so late for a hasty F6. */
  async ladderLoaded(): Promise<void> {
    const { page } = this;
    await expect(page.locator('[data-region="ladder"] [data-region-focus]')).toBeAttached();
  }

  /**
   * Waits until the terminal's screen contains a text, wherever its rows break.
   * @param wait where more has to come before it than is usual.
   */
  async shows(text: string | RegExp, wait: { timeout?: number } = {}): Promise<void> {
    const pattern = typeof text === "string" ? acrossRows(text) : text;
    await expect(this.terminal).toContainText(pattern, wait);
  }

  /** Types at whatever has the focus, then Enter. */
  async say(line: string): Promise<void> {
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }

  /** A value of the title block: `In`, `Out`, `Your socket`, `Link to gateway`. */
  status(name: string): Locator {
    const label = this.page.locator(".cell-name", { hasText: new RegExp(`^${name}\\b`) });
    return this.page.locator(".status .cell", { has: label }).locator(".cell-value");
  }

  /** From the terminal to the address bar, and Enter there. */
  async enterAddress(address: string): Promise<void> {
    const { keyboard } = this.page;
    await keyboard.press("Shift+F6");
    await expect(this.address).toBeFocused();
    await keyboard.press("ControlOrMeta+a");
    await this.say(address);
  }
}
