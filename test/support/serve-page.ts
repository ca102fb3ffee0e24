/** The screen Serve as a person uses it: listens, accepts, types the answers. */
import { expect, type Locator, type Page } from "@playwright/test";
import { closedPort } from "./tcp.ts";

export interface ServingStart {
  backlog?: number;
  atOnce?: boolean;
  canned?: "off" | "accepted" | "echo" | "tutorial";
  /** Serves UDP, on any free port. */
  udp?: boolean;
  /** Where the page is; the gateway's own address when left out. */
  url?: string;
}

export class ServePage {
  readonly page: Page;
  readonly port: number;
  /** The screen, as long as it is in front. */
  readonly screen: Locator;
  readonly accept: Locator;
  readonly door: Locator;
  /** Those who were accepted, one row each. */
  readonly rows: Locator;
  readonly console: Locator;
  /** The terminal in front. */
  readonly terminal: Locator;

  private constructor(page: Page, port: number) {
    this.page = page;
    this.port = port;
    this.screen = page.locator(".sheet.serve:not([inert])");
    this.accept = this.screen.getByRole("button", { name: /^(?:accept\(\)|take in)$/ });
    this.door = this.screen.getByRole("region", { name: "Waiting at the door" });
    this.rows = this.screen.locator(".visit");
    this.console = this.screen.getByRole("region", { name: "Console" });
    this.terminal = this.screen.locator(".terminal-slot:not([inert])");
  }

  /** Opens the screen, ready to listen on a port that nobody has. */
  static async open(page: Page, start: ServingStart = {}): Promise<ServePage> {
    const port = await closedPort();
    const { url = "./", udp = false, ...chosen } = start;
    const address = udp ? "udp://127.0.0.1:0" : `127.0.0.1:${port}`;
    const serving = { address, ...chosen };
    await page.addInitScript((kept) => {
      if (!localStorage.getItem("wireside serving"))
        localStorage.setItem("wireside serving", JSON.stringify(kept));
    }, serving);
    await page.goto(`${url}#serve`);
    const serve = new ServePage(page, port);
    // Where only the fragment changed, the page was not loaded anew, and has read other choices.
    await serve.screen.getByLabel("Address to listen on").fill(address);
    return serve;
  }

  async listen(): Promise<void> {
    await this.screen.getByRole("button", { name: "Listen", exact: true }).click();
    await this.screen.getByRole("button", { name: "Stop listening" }).waitFor();
  }

  /** Waits until so many are at the door. */
  async atTheDoor(count: number): Promise<void> {
    await expect(this.status("At the door")).toHaveText(new RegExp(`^${count} /`));
  }

  /** Accepts the first at the door, and waits for its terminal. */
  async acceptNext(): Promise<void> {
    const before = await this.rows.count();
    await this.accept.click();
    await expect(this.rows).toHaveCount(before + 1);
    await this.terminal.locator("textarea").waitFor({ state: "attached" });
  }

  /** Types into the terminal in front. */
  async answer(line: string): Promise<void> {
    await this.terminal.locator("textarea").focus();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }

  /** Waits until the terminal in front contains a text, wherever its rows break. */
  async shows(text: string): Promise<void> {
    const words = text.split(" ").map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    await expect(this.terminal.locator(".xterm-rows")).toContainText(
      new RegExp(words.join("\\s*")),
    );
  }

  /** A value of the title block: `At the door`, `Accepted`, `In`, `Out`. */
  status(name: string): Locator {
    const label = this.page.locator(".cell-name", { hasText: new RegExp(`^${name}\\b`) });
    return this.screen.locator(".status .cell", { has: label }).locator(".cell-value");
  }

  /** The text of a command to copy. */
  async command(name: string): Promise<string> {
    const button = this.screen.getByRole("button", { name: `Copy the command for ${name}` });
    const text = await button.locator("xpath=preceding-sibling::code").textContent();
    if (!text) throw new Error(`there is no command for ${name}`);
    return text;
  }
}
