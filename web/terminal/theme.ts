/** Colours and type of the terminal, read from the page's CSS tokens, and the sequences that select them. */
import type { ITheme, Terminal } from "@xterm/xterm";
import type { Direction } from "../../shared/conversation.ts";
import type { EscapeStyle } from "../model/visible.ts";

/**
 * Select graphic rendition, by role. Roles are slots of the palette, not colours, so that a change
 * of theme recolours what has long been printed.
 */
export const sgr = {
  ink: "\x1b[0m",
  ink2: "\x1b[0;37m",
  ink3: "\x1b[0;90m",
  out: "\x1b[0;33m",
  in: "\x1b[0;34m",
  closing: "\x1b[0;35m",
  error: "\x1b[0;1;31m",
} as const;

/** Around escapes in what a peer sent, and in what was typed: the same hue, fainter. */
export const inEscapes: EscapeStyle = { open: "\x1b[36m", close: "\x1b[34m" };
export const outEscapes: EscapeStyle = { open: "\x1b[93m", close: "\x1b[33m" };

/** The same by the way the bytes go, whoever wrote them. */
export const escapes: Record<Direction, EscapeStyle> = { out: outEscapes, in: inEscapes };

/** Share of the direction's colour in an escape; the rest is background. Contrast stays above 4.5. */
const FAINT = 0.72;

function faint(colour: string, ground: string): string {
  const channel = (hex: string, i: number) => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => {
    const value = channel(colour, i) * FAINT + channel(ground, i) * (1 - FAINT);
    return Math.round(value).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}

function palette(token: (name: string) => string): ITheme {
  const [bg0, bg2, ink, ink2, ink3] = ["bg0", "bg2", "ink", "ink2", "ink3"].map(token);
  const [out, received, closing, error] = ["out", "in", "closing", "error"].map(token);
  const theme = {
    background: bg0,
    foreground: ink,
    cursor: ink,
    cursorAccent: bg0,
    selectionBackground: bg2,
    selectionInactiveBackground: bg2,
    scrollbarSliderBackground: token("edge"),
    scrollbarSliderHoverBackground: ink2,
    scrollbarSliderActiveBackground: ink,
    red: error,
    green: token("established"),
    yellow: out,
    blue: received,
    magenta: closing,
    cyan: faint(received ?? "", bg0 ?? ""),
    white: ink2,
    brightBlack: ink3,
    brightYellow: faint(out ?? "", bg0 ?? ""),
  };
  return theme as ITheme;
}

/** What the terminal is made with; type and colours follow with `applyTokens`. */
export const fixedOptions = {
  allowProposedApi: true,
  convertEol: true,
  cursorStyle: "block",
  cursorInactiveStyle: "outline",
  drawBoldTextInBrightColors: false,
  fontWeight: 400,
  fontWeightBold: 700,
  scrollback: 10_000,
  // Ctrl-L moves the screen into the scrollback instead of losing it.
  scrollOnEraseInDisplay: true,
  rescaleOverlappingGlyphs: true,
  altClickMovesCursor: false,
  logLevel: "off",
} as const;

/** Height of a row in CSS pixels, as xterm draws it; its own style says so without a layout. */
export function rowHeight(terminal: Terminal): number {
  const screen = terminal.element?.querySelector<HTMLElement>(".xterm-screen");
  return (Number.parseFloat(screen?.style.height ?? "") || 0) / terminal.rows;
}

/** Re-reads colours, family, size and line height from the tokens on <html>. */
export function applyTokens(terminal: Terminal): void {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const pixels = (name: string, otherwise: number) => Number.parseFloat(token(name)) || otherwise;
  terminal.options.theme = palette(token);
  terminal.options.fontFamily = token("font-data") || "monospace";
  terminal.options.fontSize = pixels("terminal-size", 20);
  const line = pixels("terminal-line", 34);
  // xterm takes a multiple of the font's own height, which only drawing with it tells.
  terminal.options.lineHeight = 1;
  const natural = rowHeight(terminal);
  if (natural > 0) terminal.options.lineHeight = Math.max(1, line / natural);
}
