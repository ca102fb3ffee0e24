/** The xterm of the pane: made, opened in its element, fitted to it, drawn by WebGL where that works. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { blinkCursor } from "./blink.ts";
import { applyTokens, fixedOptions } from "./theme.ts";

export interface Screen {
  terminal: Terminal;
  /** Whether the cursor does: not where less motion is wished for. */
  blinks: boolean;
  /** Makes rows and columns fit the element. */
  fit(): void;
  /** Waits until `text` can be written with its widths; null when it can be now. */
  ready(text: string): Promise<void> | null;
}

/** From the first combining mark on, how wide a character is depends on its neighbours. */
const NEEDS_GRAPHEMES = /[^\u0000-\u02ff]/;

/** A terminal that is not on the page yet. */
export function makeScreen(options: { screenReader: boolean; reducedMotion: boolean }): Screen {
  const terminal = new Terminal({ ...fixedOptions, screenReaderMode: options.screenReader });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  return {
    terminal,
    blinks: !options.reducedMotion,
    fit: () => fitting.fit(),
    ready: graphemesOf(terminal),
  };
}

/** The rules for graphemes are a table of 15 KiB: loaded with the first text that needs them. */
function graphemesOf(terminal: Terminal): Screen["ready"] {
  let loaded = false;
  return (text) => {
    if (loaded || !NEEDS_GRAPHEMES.test(text)) return null;
    return import("@xterm/addon-unicode-graphemes").then(
      ({ UnicodeGraphemesAddon }) => {
        // Disposed meanwhile, the terminal needs no more rules.
        if (loaded || !terminal.element) return;
        loaded = true;
        terminal.loadAddon(new UnicodeGraphemesAddon());
      },
      // The gateway is away: text with simpler widths now, and the next one asks again.
      () => {},
    );
  };
}

/**
 * Puts the terminal into its element once the fonts are there that it is measured with.
 * @returns what is to be done when the terminal is over.
 */
export async function openScreen(
  { terminal, blinks }: Screen,
  element: HTMLElement,
): Promise<() => void> {
  // A font that cannot be loaded is replaced by the next in the list: the terminal starts anyway.
  await Promise.allSettled(
    ["20px", "bold 20px"].map((font) => document.fonts.load(`${font} "Wireside Mono"`)),
  );
  if (!element.isConnected) return () => {};
  terminal.open(element);
  applyTokens(terminal);
  return blinks ? blinkCursor(terminal) : () => {};
}

/** Drivers that compute WebGL on the processor; Chromium does not count its own as a performance caveat. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Software rendering through WebGL is slower than the DOM: then the DOM it stays. */
function hasFastWebgl(): boolean {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  // Browsers allow few contexts at once: this one is given back.
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(String(renderer));
}

/**
 * Draws with the graphics card where there is one; when its context is lost, xterm's DOM renderer goes on.
 * @param changed called with each change of renderer: their cells can differ by a fraction of a pixel.
 */
export async function drawFast(
  { terminal, blinks }: Screen,
  isOver: () => boolean,
  changed: () => void,
): Promise<void> {
  if (!hasFastWebgl()) return;
  const { WebglAddon } = await import("@xterm/addon-webgl");
  if (isOver()) return;
  const addon = new WebglAddon();
  addon.onContextLoss(() => {
    addon.dispose();
    terminal.options.cursorBlink = false;
    changed();
  });
  terminal.loadAddon(addon);
  // Its cursor is a drawing, which only xterm can let blink.
  terminal.options.cursorBlink = blinks;
  changed();
}
