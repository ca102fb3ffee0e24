/** The whole ladder as a picture that stands by itself: no style sheet, no script, nothing to load. */
import type { ReactNode } from "react";
import type { Conversation } from "../model/conversation.ts";
import { columns as both } from "../model/ends.ts";
import { count, elapsed } from "../model/format.ts";
import { Ladder } from "../model/ladder.ts";
import { columnsFor } from "./ladder-columns.ts";
import { Ends, endName } from "./ladder-head.tsx";
import { LadderPatterns } from "./ladder-life.tsx";
import type { Paint } from "./ladder-paint.ts";
import { RowShapes } from "./ladder-shapes.tsx";
import { TAIL_HEIGHT, TailShapes } from "./ladder-tail.tsx";
import { Label } from "./ladder-words.tsx";

export type LadderTheme = "board" | "pad";

const WIDTH = 760;
const HEAD = 84;
const FOOT = 36;
/** More rows than this no program shows well; the rest is left out, and the picture says so. */
const MOST_ROWS = 4000;
/** Rows drawn at a time, so that the page can do something else in between. */
const PORTION = 200;

const columns = columnsFor(WIDTH);

/**
 * @param theme whose colours are written into the picture.
 * @returns an SVG file as text, valid XML 1.0.
 */
export async function ladderSvg(conversation: Conversation, theme: LadderTheme): Promise<string> {
  const { renderToStaticMarkup } = await import("react-dom/server");
  const paint = paints[theme];
  const ladder = new Ladder(conversation);
  const shown = Math.min(ladder.length, MOST_ROWS);
  const last = ladder.row(shown - 1);
  const bottom = last ? last.top + last.height : 0;
  const failed = conversation.state.phase === "failed";
  const parts = [renderToStaticMarkup(<Head conversation={conversation} paint={paint} />)];
  for (let from = 0; from < shown; from += PORTION) {
    const rows: ReactNode[] = [];
    for (let i = from; i < Math.min(shown, from + PORTION); i++) {
      const row = ladder.row(i);
      if (!row) continue;
      rows.push(
        <g key={row.key} transform={`translate(0 ${HEAD + row.top})`}>
          <RowShapes
            {...{ row, columns, paint, failed }}
            background={paint.bg1}
            picked={null}
            lit={false}
          />
        </g>,
      );
    }
    parts.push(renderToStaticMarkup(<g>{rows}</g>));
    await new Promise((resolve) => setTimeout(resolve));
  }
  const left = ladder.length - shown;
  const text = left > 0 ? `${count(left, "more row")} left out` : null;
  if (last) {
    parts.push(
      renderToStaticMarkup(
        <g transform={`translate(0 ${HEAD + bottom})`}>
          <TailShapes
            {...{ last, columns, paint, failed }}
            text={elapsed(conversation.state.lastAt)}
            left={{ client: null, server: null }}
          />
          {text && <Left text={text} paint={paint} />}
        </g>,
      ),
    );
  }
  return inXml(wrap(parts.join("\n"), HEAD + bottom + TAIL_HEIGHT + FOOT, paint));
}

function Left({ text, paint }: { text: string; paint: Paint }) {
  const x = (columns.client + columns.server) / 2;
  return (
    <Label x={x} y={TAIL_HEIGHT + 8} anchor="middle" size={15} fill={paint.ink2} font={paint.words}>
      {text}
    </Label>
  );
}

/** Who both ends are, and the fills that the rest of the picture uses. */
function Head({ conversation, paint }: { conversation: Conversation; paint: Paint }) {
  const { state } = conversation;
  const ends = both.map((column) => {
    const { name, note, address } = endName(state, column);
    return [columns[column], note ? `${name}, ${note}` : name, address] as const;
  });
  return (
    <g>
      <LadderPatterns paint={paint} />
      {ends.map(([x, title, address]) => (
        <g key={x}>
          <Label
            x={x}
            y={26}
            anchor="middle"
            size={17}
            weight={500}
            fill={paint.ink}
            font={paint.words}
          >
            {title}
          </Label>
          <Label
            x={x}
            y={48}
            anchor="middle"
            size={17}
            weight={500}
            fill={paint.ink}
            font={paint.data}
          >
            {address}
          </Label>
        </g>
      ))}
      <g transform={`translate(0 ${HEAD - 18})`}>
        <Ends columns={columns} paint={paint} there={endName(state, "server").there} />
      </g>
    </g>
  );
}

function wrap(content: string, height: number, paint: Paint): string {
  const size = `width="${WIDTH}" height="${height}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${WIDTH} ${height}" font-stretch="75%">`,
    "<title>Ladder of a TCP conversation, made by Wireside</title>",
    `<rect ${size} fill="${paint.bg1}"/>`,
    content,
    "</svg>\n",
  ].join("\n");
}

const fonts = {
  words: "Archivo, 'Helvetica Neue', Arial, sans-serif",
  data: "'Martian Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  id: "ladder",
};

/** The colours of web/theme/tokens.css, which a file cannot ask. */
const paints: Record<LadderTheme, Paint> = {
  board: {
    ...fonts,
    bg1: "#111b18",
    bg2: "#1b2924",
    grid: "#192622",
    edge: "#6b8077",
    ink: "#edf3ef",
    ink2: "#b1c0b8",
    ink3: "#8a9c93",
    out: "#ffb22e",
    in: "#6fc6ff",
    established: "#5ad69c",
    closing: "#e2a4e0",
    error: "#ff6b6b",
  },
  pad: {
    ...fonts,
    bg1: "#f1f5ef",
    bg2: "#dfe8de",
    grid: "#e4ece3",
    edge: "#62756b",
    ink: "#0f1a16",
    ink2: "#35463e",
    ink3: "#51635a",
    out: "#944200",
    in: "#004e9c",
    established: "#00603c",
    closing: "#7a2680",
    error: "#b00042",
  },
};

/** XML 1.0 section 2.2: what may not stand in a document at all, not even as a reference. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function inXml(text: string): string {
  return text.replace(FORBIDDEN, (found) => {
    const code = found.charCodeAt(0);
    return code < 0x20 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}
