/** What is printed once everything listens: where to open the page, and how people come in. */
import { resolve } from "node:path";
import { renderUnicodeCompact } from "uqr";
import type { Config } from "./config.ts";
import { isLoopback } from "./doors.ts";
import type { RunningServer } from "./start.ts";
import type { ClassDoor } from "./start-class.ts";
import { formatDuration } from "./values.ts";

type Started = Pick<RunningServer, "openUrls" | "lessonPorts" | "doors" | "classDoor">;

/** Modules of light around a QR code, by which cameras find it. */
const QUIET_MODULES = 2;
/** Light on dark whatever the terminal's colours are: half of them would turn it around. */
const QR_COLOURS = ["\u001b[97;40m", "\u001b[0m"] as const;

/**
 * @param terminal how wide it is, in columns, and whether it may have colours; null: there is none.
 */
export function greeting(
  config: Config,
  server: Started,
  terminal: { columns: number; colour: boolean } | null,
): string {
  const { classDoor } = server;
  const lines = classDoor ? classLines(config, classDoor, terminal) : ownLines(server);
  return `\n${[...lines, ...endLines(config, server)].join("\n")}\n`;
}

const indented = (lines: readonly string[]) => lines.map((line) => `    ${line}`);

function ownLines({ openUrls, doors }: Started): string[] {
  const code = doors.accessCode;
  return [
    "Wireside is ready. Open this page:",
    "",
    ...indented(openUrls),
    "",
    ...(code === undefined ? [] : [`The access code is ${code}.`]),
  ];
}

function classLines(
  config: Config,
  { name, urls, board, joinUrl, teacherUrl }: ClassDoor,
  terminal: { columns: number; colour: boolean } | null,
): string[] {
  const { data, keepMs } = config;
  const code = terminal ? qrCode(joinUrl, terminal) : [];
  const until = keepMs === undefined ? "until you delete them" : `for ${formatDuration(keepMs)}`;
  return [
    `Wireside is ready for ${name}. Students open this page:`,
    "",
    ...indented(urls),
    "",
    ...nobodyElse(config, joinUrl),
    "and type this code and their name:",
    "",
    ...indented([board]),
    "",
    ...indented(code),
    ...(code.length > 0 ? [""] : []),
    "Your own page, for nobody else to see:",
    "",
    ...indented([teacherUrl]),
    "",
    data === undefined
      ? "Conversations are not kept: --data DIR keeps them."
      : `Conversations are kept in ${resolve(data)} ${until}.`,
  ];
}

/** Through a proxy or a tunnel it is another address that is opened: --public-url says which. */
function nobodyElse({ host, publicUrl }: Config, joinUrl: string): string[] {
  const shown = new URL(joinUrl).hostname.replace(/^\[|\]$/g, "");
  if (publicUrl !== undefined || !isLoopback(shown)) return [];
  const advice = isLoopback(host)
    ? "Leave out --host, or say --public-url URL."
    : "This one is in no network: connect it to one, and start again.";
  return [`Warning: no other machine can open this address. ${advice}`, ""];
}

/** Two modules a character; nothing where the terminal is too narrow, for half a code is none. */
function qrCode(text: string, { columns, colour }: { columns: number; colour: boolean }): string[] {
  const lines = renderUnicodeCompact(text, { border: QUIET_MODULES }).split("\n");
  const width = Math.max(...lines.map((line) => [...line].length));
  if (width + 4 > columns) return [];
  const [on, off] = colour ? QR_COLOURS : ["", ""];
  return lines.map((line) => `${on}${line}${off}`);
}

function endLines(config: Config, { lessonPorts }: Started): string[] {
  const lessons = config.lessons.map((name) => `${name} ${lessonPorts[name]}`);
  const where = `Lesson servers wait on ${config.lessonHost}: ${lessons.join(", ")}.`;
  return [...(lessons.length > 0 ? [where] : []), "Ctrl-C stops everything.", ""];
}
