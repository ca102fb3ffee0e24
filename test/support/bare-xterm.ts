/** A bare xterm in the same browser, to compare with: the page's options, type and size, and nothing else. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { BrowserContext, Page } from "@playwright/test";
import type { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import type { Terminal } from "@xterm/xterm";
import { fixedOptions } from "../../web/terminal/theme.ts";

const require = createRequire(import.meta.url);
const script = (name: string) => `<script>${readFileSync(require.resolve(name), "utf8")}</script>`;
const style = (name: string) => `<style>${readFileSync(require.resolve(name), "utf8")}</style>`;

/** Enough that xterm always has something to parse, and far below where it begins to discard. */
const PENDING_BYTES = 512 * 1024;

/** What the bare terminal has in common with the page's. */
export interface Look {
  cols: number;
  rows: number;
  rowHeight: number;
  fontFamily: string;
  fontSize: number;
}

/** How the page's terminal looks while its rows are full. */
export function lookOf(page: Page): Promise<Look> {
  return page.locator(".xterm-rows").evaluate((element) => {
    const rows = [...element.children];
    const { fontFamily, fontSize } = getComputedStyle(element);
    return {
      cols: Math.max(...rows.map((row) => row.textContent?.length ?? 0)),
      rows: rows.length,
      rowHeight: rows[0]?.getBoundingClientRect().height ?? 0,
      fontFamily,
      fontSize: Number.parseFloat(fontSize),
    };
  });
}

/**
 * Writes bytes straight into a bare terminal.
 * @param base the gateway's address: a page beside its own has its fonts.
 * @returns milliseconds until everything was parsed.
 */
export async function writeToBare(
  context: BrowserContext,
  base: string,
  look: Look,
  bytes: Buffer,
): Promise<number> {
  const page = await context.newPage();
  const home = await (await fetch(base)).text();
  const [fonts] = /<link[^>]*rel="stylesheet"[^>]*>/.exec(home) ?? [""];
  const xterm = script("@xterm/xterm") + script("@xterm/addon-unicode-graphemes");
  const body = `<!doctype html>${fonts}${style("@xterm/xterm/css/xterm.css")}<div id="screen"></div>${xterm}`;
  const url = new URL("bare", base).href;
  await page.route(url, (route) => route.fulfill({ contentType: "text/html", body }));
  await page.route(`${url}/bytes`, (route) => route.fulfill({ body: bytes }));
  await page.goto(url);
  const took = await page.evaluate(write, {
    look,
    options: fixedOptions,
    bytesUrl: `${url}/bytes`,
    pendingBytes: PENDING_BYTES,
  });
  await page.close();
  return took;
}

interface Loaded extends Window {
  Terminal: typeof Terminal;
  UnicodeGraphemesAddon: { UnicodeGraphemesAddon: typeof UnicodeGraphemesAddon };
}

interface Work {
  look: Look;
  options: typeof fixedOptions;
  bytesUrl: string;
  pendingBytes: number;
}

/** Runs in the page. */
async function write({ look, options, bytesUrl, pendingBytes }: Work): Promise<number> {
  const loaded = window as unknown as Loaded;
  const { cols, rows, rowHeight, fontFamily, fontSize } = look;
  await document.fonts.load(`${fontSize}px ${fontFamily}`);
  const terminal = new loaded.Terminal({ ...options, cols, rows, fontFamily, fontSize });
  terminal.loadAddon(new loaded.UnicodeGraphemesAddon.UnicodeGraphemesAddon());
  terminal.open(document.querySelector("#screen") as HTMLElement);
  const natural = document.querySelector(".xterm-rows > div")?.getBoundingClientRect().height;
  terminal.options.lineHeight = rowHeight / (natural ?? rowHeight);
  const bytes = new Uint8Array(await (await fetch(bytesUrl)).arrayBuffer());
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    let given = 0;
    let parsed = 0;
    const fill = () => {
      while (given < bytes.length && given - parsed < pendingBytes) {
        const piece = bytes.subarray(given, given + 64 * 1024);
        given += piece.length;
        terminal.write(piece, () => {
          parsed += piece.length;
          if (parsed === bytes.length) resolve();
          else fill();
        });
      }
    };
    fill();
  });
  return performance.now() - startedAt;
}
