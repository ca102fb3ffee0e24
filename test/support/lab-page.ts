/** The lab of a conversation as a person uses it, at a TCP server of the test's own. */
import { expect, type Locator, type Page } from "@playwright/test";
import { type Conversation, converse } from "./terminal-page.ts";

export class LabPage {
  readonly page: Page;
  readonly panel: Locator;

  constructor(page: Page) {
    this.page = page;
    this.panel = page.getByRole("region", { name: "Lab", exact: true });
  }

  async open(): Promise<void> {
    await this.page.getByRole("button", { name: "Lab", exact: true }).click();
    await expect(this.panel.getByRole("button", { name: "Back to defaults" })).toBeVisible();
  }

  /** Writes into a field, and leaves it with Enter. */
  async fill(label: string, text: string): Promise<void> {
    const field = this.panel.getByRole("textbox", { name: label, exact: true });
    await field.fill(text);
    await field.press("Enter");
  }

  button(name: string): Locator {
    return this.panel.getByRole("button", { name, exact: true });
  }

  /** Presses one of several, and waits until the gateway has done it. */
  async press(name: string): Promise<void> {
    await this.button(name).click();
    await expect(this.button(name)).toHaveAttribute("aria-pressed", "true");
    await this.confirmed();
  }

  /** Nothing is asked for that is not so yet. */
  async confirmed(): Promise<void> {
    await expect(this.panel.getByText("asked for", { exact: true })).toHaveCount(0);
  }

  async toTerminal(): Promise<void> {
    await this.page.locator(".screen").click();
  }
}

export interface LabConversation extends Conversation {
  lab: LabPage;
}

/** Has a conversation at a server of the test's own, with the lab open. */
export function inLab(
  page: Page,
  use: (conversation: LabConversation) => Promise<void>,
  choices: object = {},
): Promise<void> {
  return converse(
    page,
    async (conversation) => {
      const lab = new LabPage(page);
      await lab.open();
      await use({ ...conversation, lab });
    },
    choices,
  );
}
