/**
 * A page of the test's browser that Playwright does not watch: of one that it does, every WebSocket
 * frame comes to the test's process as well, as JSON, which for a large file costs more than the page.
 */
import type { Browser, CDPSession } from "@playwright/test";
import { expect } from "@playwright/test";

interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A function that runs in the page: it sees nothing of the test but its argument. */
type InPage<A, R> = (argument: A) => R | Promise<R>;

export class UnwatchedPage {
  /** The browser's own session. */
  readonly browser: CDPSession;
  readonly contextId: string;
  readonly #sessionId: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(browser: CDPSession, contextId: string, sessionId: string) {
    this.browser = browser;
    this.contextId = contextId;
    this.#sessionId = sessionId;
    browser.on("Target.receivedMessageFromTarget", ({ message }) => {
      const answer = JSON.parse(message) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  /** @param prepare runs in the page before its own program. */
  static async open<A>(
    browser: Browser,
    url: string,
    prepare: InPage<A, void>,
    argument: A,
  ): Promise<UnwatchedPage> {
    const session = await browser.newBrowserCDPSession();
    const { browserContextId } = await session.send("Target.createBrowserContext");
    const { targetId } = await session.send("Target.createTarget", {
      url: "about:blank",
      browserContextId,
    });
    // Not flat, because Playwright gives a session no way to name another.
    const { sessionId } = await session.send("Target.attachToTarget", { targetId });
    const page = new UnwatchedPage(session, browserContextId, sessionId);
    await page.send("Page.enable");
    const features = [{ name: "prefers-reduced-motion", value: "reduce" }];
    await page.send("Emulation.setEmulatedMedia", { features });
    const screen = { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false };
    await page.send("Emulation.setDeviceMetricsOverride", screen);
    await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source: called(prepare, argument) });
    await page.send("Page.navigate", { url });
    return page;
  }

  /** One command of the DevTools protocol. */
  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#asked;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await this.browser.send("Target.sendMessageToTarget", { sessionId: this.#sessionId, message });
    const { result = {}, error } = await answered;
    this.#waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async evaluate<A, R>(run: InPage<A, R>, argument: A): Promise<R> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression: called(run, argument),
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: R }).value;
  }

  /** Waits until the page has an element, and presses it. */
  async press(selector: string, name: string): Promise<void> {
    const pressed = () =>
      this.evaluate(
        ([wanted, text]) => {
          const all = [...document.querySelectorAll<HTMLElement>(wanted)];
          const found = all.find(({ textContent }) => textContent?.trim() === text);
          found?.click();
          return found !== undefined;
        },
        [selector, name] as const,
      );
    await expect.poll(pressed).toBe(true);
  }

  /** Types a line into what a selector names, and Enter. */
  async typeLine(selector: string, text: string): Promise<void> {
    const focused = () =>
      this.evaluate((wanted) => {
        const field = document.querySelector<HTMLElement>(wanted);
        field?.focus();
        return field !== null && document.activeElement === field;
      }, selector);
    await expect.poll(focused).toBe(true);
    await this.send("Input.insertText", { text });
    const enter = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...enter });
  }

  /** Gives the page's one field for files a file of this machine. */
  async chooseFile(path: string): Promise<void> {
    const field = () =>
      this.send("Runtime.evaluate", { expression: "document.querySelector('input[type=file]')" });
    await expect
      .poll(async () => ((await field()).result as { objectId?: string }).objectId)
      .toBeTruthy();
    const { objectId } = (await field()).result as { objectId: string };
    await this.send("DOM.setFileInputFiles", { objectId, files: [path] });
  }

  /** The terminal comes to hold this text, spaces aside. */
  async shows(text: string, timeout?: number): Promise<void> {
    const rows = () =>
      this.evaluate(
        () => (document.querySelector(".xterm-rows")?.textContent ?? "").replace(/\s/g, ""),
        null,
      );
    await expect.poll(rows, timeout ? { timeout } : {}).toContain(text.replace(/\s/g, ""));
  }

  /** Bytes that the page's scripts hold after a garbage collection, array buffers among them. */
  async heldBytes(): Promise<number> {
    await this.send("HeapProfiler.collectGarbage");
    const usage = await this.send("Runtime.getHeapUsage");
    return Number(usage.usedSize) + Number(usage.backingStorageSize);
  }

  async close(): Promise<void> {
    await this.browser.send("Target.disposeBrowserContext", { browserContextId: this.contextId });
    await this.browser.detach();
  }
}

function called<A, R>(run: InPage<A, R>, argument: A): string {
  return `(${run})(${JSON.stringify(argument)})`;
}
