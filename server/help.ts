/** What `--help` prints, and which flag somebody meant who wrote another. */
import { ALL_SETTINGS, type AnySetting, GROUPS, isSwitch, SETTINGS_BY_FLAG } from "./settings.ts";

const HELP_COLUMNS = 96;

/** All flags in groups, for `--help`. No line is longer than 96 columns. */
export function helpText(): string {
  const rows = ALL_SETTINGS.map(([, setting]) => ({ setting, left: leftColumn(setting) }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const lines = ["wireside: a web page that holds one end of a real TCP connection", ""];
  lines.push("Usage: wireside [flags]");
  for (const group of GROUPS) {
    lines.push("", `${group}:`);
    for (const { setting, left } of rows.filter((row) => row.setting.group === group)) {
      lines.push(...row(left, `${setting.help}${defaultNote(setting)}`, width));
    }
  }
  lines.push("", "And:");
  lines.push(...row("  -h, --help", "print this and exit", width));
  lines.push(...row("  -v, --version", "print the version and exit", width), "");
  const switches = ALL_SETTINGS.flatMap(([, it]) => (isSwitch(it) ? [`--no-${it.flag}`] : []));
  const notes = `Each flag is also a variable: --max-sessions is WIRESIDE_MAX_SESSIONS; a flag wins. A repeatable flag is a comma list there. TIME is written 250ms, 30s, 15m, 8h or 1h30m; SIZE is 64KiB or 256MiB; a rate of 5/s,20 is five a second and at most twenty at once. ${switches.slice(0, -1).join(", ")} and ${switches.at(-1)} switch off what a variable switched on.`;
  return `${[...lines, ...wrap(notes, HELP_COLUMNS)].join("\n")}\n`;
}

function leftColumn({ flag, short, kind }: AnySetting): string {
  return `  ${short ? `-${short}, ` : "    "}--${flag}${kind.placeholder ? ` ${kind.placeholder}` : ""}`;
}

function defaultNote(setting: AnySetting): string {
  if (setting.shown) return ` (default: ${setting.shown})`;
  if (isSwitch(setting) || setting.default === undefined) return "";
  const shown = setting.kind.show(setting.default);
  return ` (default: ${shown === "" ? "none" : shown})`;
}

function row(left: string, text: string, width: number): string[] {
  const [first = "", ...rest] = wrap(text, HELP_COLUMNS - width);
  return [left.padEnd(width) + first, ...rest.map((line) => " ".repeat(width) + line)];
}

function wrap(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) as string;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The flag that `name` is most likely a slip of, or undefined when none is near. */
export function nearestFlag(name: string, others: readonly string[]): string | undefined {
  const [best] = [...SETTINGS_BY_FLAG.keys(), ...others]
    .map((flag) => ({ flag, distance: editDistance(name.toLowerCase(), flag) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(best.flag.length / 3))
    ? best.flag
    : undefined;
}

/** Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const from = a.slice(0, 64);
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const cell = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const differs = from[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = from[i - 1] === b[j - 2] && from[i - 2] === b[j - 1];
      (rows[i] as number[])[j] = Math.min(
        cell(i - 1, j) + 1,
        cell(i, j - 1) + 1,
        cell(i - 1, j - 1) + differs,
        swapped ? cell(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return cell(from.length, b.length);
}
