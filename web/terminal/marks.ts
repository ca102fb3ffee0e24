/** The gutter's marks as elements: how many bytes crossed the wire, or FIN, or RST. */
import { bytes } from "../model/format.ts";

export type MarkKind = "out" | "in" | "fin-out" | "fin-in" | "rst";

const SVG = "http://www.w3.org/2000/svg";

/** Right-going has a solid head, left-going an open one: shape doubles colour. */
const drawings: Record<MarkKind, { line: string; head: string; solid: boolean }> = {
  out: { line: "M0 7h15", head: "M13 1.5v11l11-5.5z", solid: true },
  in: { line: "M24 7H11", head: "M10.5 2.5v9L1.5 7z", solid: false },
  "fin-out": { line: "M0 7h14", head: "M15 1v12M20 1v12", solid: false },
  "fin-in": { line: "M24 7H10", head: "M4 1v12M9 1v12", solid: false },
  rst: { line: "", head: "M5 1l12 12M17 1L5 13", solid: false },
};

const classes: Record<MarkKind, string> = {
  out: "mark mark-out",
  in: "mark mark-in",
  "fin-out": "mark mark-out mark-fin",
  "fin-in": "mark mark-in mark-fin",
  rst: "mark mark-rst",
};

export interface MarkLook {
  kind: MarkKind;
  bytes: number;
  /** Not yet confirmed by the wire. */
  pending: boolean;
  /** Instead of FIN or RST, where there is no TCP. */
  word?: string;
}

export function markText(look: MarkLook): string {
  if (look.kind === "out" || look.kind === "in") return bytes(look.bytes);
  return look.word ?? (look.kind === "rst" ? "RST" : "FIN");
}

export function markClass(look: MarkLook): string {
  return look.pending ? `${classes[look.kind]} mark-pending` : classes[look.kind];
}

/** The sign beside the text, in the colour of the mark. */
export function markSign(kind: MarkKind): SVGSVGElement {
  const { line, head, solid } = drawings[kind];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", "24");
  svg.setAttribute("height", "14");
  svg.setAttribute("viewBox", "0 0 24 14");
  svg.setAttribute("aria-hidden", "true");
  for (const [d, fill] of [
    [line, false],
    [head, solid],
  ] as const) {
    if (d === "") continue;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("fill", fill ? "currentColor" : "none");
    path.setAttribute("stroke", fill ? "none" : "currentColor");
    path.setAttribute("stroke-width", kind === "rst" ? "2.5" : "2");
    svg.append(path);
  }
  return svg;
}
