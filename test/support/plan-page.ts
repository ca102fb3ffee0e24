/** Does the steps of the lesson of 45 minutes in browsers, one for each person, and looks for what they say. */
import { type Browser, expect, type Locator, type Page } from "@playwright/test";
import { LESSON_NAMES, lessonOffset } from "../../shared/lessons.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { PlanStep } from "./plan-steps.ts";
import { closedPort } from "./tcp.ts";
import { acrossRows, escaped, lower, whole } from "./teaching-page.ts";
import { row } from "./wall-page.ts";

/** Ports as the document has them. */
const FIRST_PORT = 8000;
const SERVE_PORT = 9090;
/** A look ends as soon as it has seen; this only ends one that will never see. */
const BUSY_MS = 15_000;

type Looked = Extract<PlanStep, { see: string }>;
type Done = Extract<PlanStep, { do: string }>;

/** Everybody who has a page in the lesson. */
export class Room {
  readonly #browser: Browser;
  readonly #gateway: GatewayProcess;
  readonly #ports: ReadonlyMap<number, number>;
  readonly #pages = new Map<string, Promise<Page>>();

  private constructor(browser: Browser, gateway: GatewayProcess, servePort: number) {
    this.#browser = browser;
    this.#gateway = gateway;
    const lessons = LESSON_NAMES.map(
      (name) => [FIRST_PORT + lessonOffset(name), gateway.lessonPorts[name]] as const,
    );
    this.#ports = new Map([...lessons, [SERVE_PORT, servePort]]);
  }

  static async open(browser: Browser, gateway: GatewayProcess): Promise<Room> {
    return new Room(browser, gateway, await closedPort());
  }

  async close(): Promise<void> {
    for (const page of this.#pages.values()) await (await page).context().close();
  }

  /** @param timeout how long to look for what is to be seen, in milliseconds. */
  async follow(step: PlanStep, timeout = BUSY_MS): Promise<void> {
    const page = await this.#page(step.page);
    if ("see" in step) await this.#look(page, step, timeout);
    else await this.#act(page, step);
  }

  #page(name: string): Promise<Page> {
    const known = this.#pages.get(name);
    if (known) return known;
    const page = this.#newPage();
    this.#pages.set(name, page);
    return page;
  }

  /** Each has a machine of their own. */
  async #newPage(): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(BUSY_MS);
    return context.newPage();
  }

  async #act(page: Page, step: Done): Promise<void> {
    switch (step.do) {
      case "open":
        await page.goto(step.what === "page" ? this.#gateway.url : this.#gateway.openUrl);
        return;
      case "open the link at": {
        const teacher = await this.#page("teacher");
        await page.goto(await field(teacher, step.field).inputValue());
        return;
      }
      case "type the code":
        // Nobody types before there is a place for it.
        await expect(page.getByLabel("Code", { exact: true })).toBeFocused();
        return page.keyboard.type(printedCode(this.#gateway));
      case "write":
        return field(page, step.field).fill(this.#here(step.text));
      case "press":
        return button(page, this.#here(step.button)).click();
      case "click the terminal":
        return shown(page, ".xterm-screen").click();
      case "key":
        return page.keyboard.press(step.key.replace("Ctrl-", "Control+").replace(/.$/, lower));
      case "choose":
        return row(page, step.student).getByRole("button").click();
      case "type":
        await page.keyboard.type(step.line);
        return page.keyboard.press("Enter");
    }
  }

  async #look(page: Page, step: Looked, timeout: number): Promise<void> {
    const text = this.#here(step.text);
    switch (step.see) {
      case "page":
        return expect(shown(page, "body").getByText(text).first()).toBeVisible({ timeout });
      case "terminal":
        return expect(shown(page, ".xterm-rows")).toContainText(acrossRows(text), { timeout });
      case "explained":
        return expect(page.getByRole("region", { name: "What went wrong" })).toContainText(text, {
          timeout,
        });
      case "ladder":
        return expect(shown(page, ".ladder li").filter({ hasText: whole(text) })).not.toHaveCount(
          0,
          { timeout },
        );
      case "large":
        return expect(page.getByRole("region", { name: /, large$/ })).toContainText(whole(text), {
          timeout,
        });
      case "door":
        return expect(
          page.getByRole("list", { name: "The first at the door" }).getByRole("listitem").first(),
        ).toContainText(whole(text), { timeout });
      case "cell":
        return expect(cell(page, step.name)).toHaveText(whole(text), { timeout });
      case "row":
        return expect(row(page, step.name)).toContainText(text, { timeout });
    }
  }

  /** With the ports that are free here. */
  #here(text: string): string {
    return text.replace(/\b\d{4}\b/g, (port) => `${this.#ports.get(Number(port)) ?? port}`);
  }
}

/** The class code, as the gateway's greeting has it. */
function printedCode(gateway: GatewayProcess): string {
  const [, code] = /type this code and their name:\s+(\S+ \S+)/.exec(gateway.output()) ?? [];
  if (code === undefined) throw new Error(`no code was printed:\n${gateway.output()}`);
  return code;
}

/** Of several screens and conversations those that are in front. */
const shown = (page: Page, selector: string): Locator =>
  page.locator(`${selector}:not([inert] *)`).filter({ visible: true });

/** By the words that stand at it. */
function field(page: Page, name: string): Locator {
  if (name === "listen") return page.getByLabel("Address to listen on");
  return page
    .getByLabel(name, { exact: true })
    .and(page.locator("input"))
    .or(page.getByRole("region", { name, exact: true }).locator("input"));
}

/** By the words on it; a key, a count or an address may follow. */
function button(page: Page, name: string): Locator {
  if (name === "Record") return shown(page, ".record-button");
  const words = new RegExp(
    String.raw`^\s*${escaped(name)}\s*([A-Z→]|Esc|\d+|\w+://.*|, \d+ waiting)?\s*$`,
  );
  const found = shown(page, ":is(button, a)").filter({ hasText: words });
  // After a failure it stands in the bar and in the explanation, and is the same.
  return name === "Try again" ? found.first() : found;
}

/** A value under its name: of the title block, or of the wall's counts. */
function cell(page: Page, name: string): Locator {
  const label = page.locator(".cell-name", { hasText: new RegExp(`^${escaped(name)}`) });
  return shown(page, ".status .cell")
    .filter({ has: label })
    .locator(".cell-value")
    .or(
      page
        .locator(".class-counts div")
        .filter({ has: page.locator("dt", { hasText: new RegExp(`^${escaped(name)}$`) }) })
        .locator("dd"),
    );
}
