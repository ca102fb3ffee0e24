/** Does the steps of docs/teaching.md in a browser, by keyboard and mouse, and looks for what they say. */
import { type BrowserContext, expect } from "@playwright/test";
import { LESSON_NAMES, lessonOffset } from "../../shared/lessons.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { LadderPage } from "./ladder-page.ts";
import { wireButton } from "./scenes.ts";
import type { Step } from "./teaching-steps.ts";

const FIRST_PORT = 8000;
/** A look ends as soon as it has seen; this only ends one that will never see. */
const BUSY_MS = 30_000;

type Looked = Extract<Step, { see: string }>;
type Done = Extract<Step, { do: string }>;

export class Lecturer {
  readonly #context: BrowserContext;
  readonly #gateway: GatewayProcess;
  readonly #tabs = new Map<number, LadderPage>();

  constructor(context: BrowserContext, gateway: GatewayProcess) {
    this.#context = context;
    this.#gateway = gateway;
  }

  /** @param timeout how long to look for what is to be seen, in milliseconds. */
  async follow(step: Step, timeout = BUSY_MS): Promise<void> {
    const talk = await this.#tab(step.tab);
    await talk.page.bringToFront();
    if ("see" in step) await this.#look(talk, step, timeout);
    else await this.#act(talk, step);
  }

  async #tab(number: number): Promise<LadderPage> {
    const known = this.#tabs.get(number);
    if (known) return known;
    const tab = new LadderPage(await this.#context.newPage());
    this.#tabs.set(number, tab);
    return tab;
  }

  async #act(talk: LadderPage, step: Done): Promise<void> {
    const { page } = talk;
    switch (step.do) {
      case "open":
        await page.goto(this.#gateway.url);
        return expect(talk.terminal).toContainText("Enter message:", { timeout: BUSY_MS });
      case "press":
        return wireButton(page, step.button).click();
      case "key":
        return page.keyboard.press(step.key.replace("Ctrl-", "Control+").replace(/.$/, lower));
      case "choose":
        await page.getByRole("button", { name: "Servers to talk to" }).click();
        await page
          .getByRole("region", { name: "Servers to talk to" })
          .getByRole("button", { name: new RegExp(`^${step.server}\\b`) })
          .click();
        return wireButton(page, "Close").waitFor();
      case "type":
        return talk.say(step.line);
      case "switch off":
        await page.getByRole("button", { name: "Settings" }).click();
        await page.getByRole("checkbox", { name: step.choice }).uncheck();
        await page.keyboard.press("Escape");
        return page.locator(".screen").click();
    }
  }

  async #look(talk: LadderPage, step: Looked, timeout: number): Promise<void> {
    const text = this.#here(step.text);
    switch (step.see) {
      case "terminal":
        return expect(talk.terminal).toContainText(acrossRows(text), { timeout });
      case "explained":
        return expect(talk.explained).toContainText(text, { timeout });
      case "cell":
        return expect(talk.status(step.name)).toContainText(whole(text), { timeout });
      case "ladder": {
        const rows = talk.row(whole(text));
        if (step.times !== null) return expect(rows).toHaveCount(step.times, { timeout });
        return expect(rows).not.toHaveCount(0, { timeout });
      }
    }
  }

  /** With the ports that the lesson servers have here. */
  #here(text: string): string {
    return LESSON_NAMES.reduce(
      (said, name) =>
        said.replaceAll(
          `127.0.0.1:${FIRST_PORT + lessonOffset(name)}`,
          `127.0.0.1:${this.#gateway.lessonPorts[name]}`,
        ),
      text,
    );
  }
}

export const lower = (letter: string) => letter.toLowerCase();
export const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Rows that break between two words have no space there. */
export const acrossRows = (text: string) => new RegExp(text.split(" ").map(escaped).join("\\s*"));

/** `9 B` is not a part of `19 B`. */
export const whole = (text: string) => new RegExp(`(?<![\\d.,])${escaped(text)}`);
