/** The documents of the repository as tests read them: files, links, headings, tables, blocks. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ALL_SETTINGS, type AnySetting, GROUPS, isSwitch } from "../../server/settings.ts";
import { ROOT } from "./imports.ts";

const CODE_BLOCK = /^```[\s\S]*?^```/gm;

/** Text of a document. @param path from the top folder. */
export const readDocument = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Every Markdown document of the project: paths from the top folder. */
export function documents(): string[] {
  return ["", "docs/", "examples/", "bench/"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}${name}`),
  );
}

/** Targets of every link and picture in Markdown, those in HTML too; not in code. */
export function linksOf(markdown: string): string[] {
  const prose = withoutCode(markdown);
  const patterns = [/\]\(([^)\s]+)[^)]*\)/g, /<(https?:[^>]+)>/g, /(?:src|srcset|href)="([^"]+)"/g];
  return patterns.flatMap((pattern) => [...prose.matchAll(pattern)].map(([, link = ""]) => link));
}

function withoutCode(markdown: string): string {
  return markdown.replace(CODE_BLOCK, "").replace(/`[^`\n]*`/g, "");
}

/** Paths of files and folders that a document names in code: `server/app.ts`, `test/e2e/`. */
export function pathsOf(markdown: string): string[] {
  const named = markdown.matchAll(
    /`((?:bench|docs|examples|scripts|server|shared|test|web)\/(?:[\w./-]*\/|[\w./-]+\.\w+)?)`/g,
  );
  return [...named].map(([, path = ""]) => path);
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.replace(CODE_BLOCK, "").matchAll(/^#{1,6} (.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

/** Rows of the first table below a heading, as trimmed cells, without the two rows of its head. */
export function tableBelow(markdown: string, heading: string): string[][] {
  const [, rest] = markdown.split(`\n${heading}\n`);
  if (rest === undefined) throw new Error(`there is no heading ${heading}`);
  const lines = rest.split("\n");
  const first = lines.findIndex((line) => line.startsWith("|"));
  const length = lines.slice(first).findIndex((line) => !line.startsWith("|"));
  return lines.slice(first + 2, length < 0 ? undefined : first + length).map(cellsOf);
}

/** Cells of one row of a table; a bar written `\|` is text. */
export function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** Every block of a language in Markdown. */
export function blocksOf(markdown: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm");
  return [...markdown.matchAll(fence)].map(([, block = ""]) => block);
}

/** The rows the README's table of settings has to have, in groups as `--help` shows them. */
export function settingsTable(): string[] {
  const head = ["| flag | default | what it does |", "| --- | --- | --- |"];
  const groups = GROUPS.flatMap((group) => [
    `| **${group}** | | |`,
    ...ALL_SETTINGS.filter(([, setting]) => setting.group === group).map(([, setting]) =>
      settingRow(setting),
    ),
  ]);
  return [...head, ...groups];
}

function settingRow(setting: AnySetting): string {
  const { flag, short, kind, help } = setting;
  const name = `\`--${flag}${kind.placeholder ? ` ${kind.placeholder}` : ""}\``;
  return `| ${name}${short ? `, \`-${short}\`` : ""} | ${defaultOf(setting)} | ${help} |`;
}

function defaultOf(setting: AnySetting): string {
  if (setting.shown) return setting.shown;
  if (isSwitch(setting)) return "off";
  const shown = setting.default === undefined ? "" : setting.kind.show(setting.default);
  return shown === "" ? "none" : `\`${shown}\``;
}
