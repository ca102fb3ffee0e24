/** Every import of a source file, and the table in docs/architecture.md that says which are allowed. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Import {
  /** Path from the top folder, with forward slashes. */
  file: string;
  /** A path from the top folder (`shared/frames.ts`), `node:…`, or a package name with its subpath. */
  target: string;
  /** `import type`: gone when the program runs. */
  typesOnly: boolean;
}

/** A cell entry of the table: what is allowed, and whether only its types are. */
export interface Allowed {
  name: string;
  typesOnly: boolean;
}
/** What each layer may import, by its name. */
export type LayerTable = Map<string, Allowed[]>;

/** The TypeScript files below a folder of the checkout, as paths from the top folder. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")))
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
    .sort();
}

/** Every static, dynamic, re-exporting and type-only import of a file. */
export function importsOf(file: string, source = readFileSync(join(ROOT, file), "utf8")): Import[] {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: Import[] = [];
  const add = (request: string, typesOnly: boolean) =>
    found.push({ file, target: targetOf(file, request), typesOnly });
  for (const { moduleRequest, entries } of module.staticImports) {
    // `import "./x.ts"` has no entries and runs everything.
    add(moduleRequest.value, entries.length > 0 && entries.every((entry) => entry.isType));
  }
  for (const entry of module.staticExports.flatMap((statement) => statement.entries)) {
    if (entry.moduleRequest) add(entry.moduleRequest.value, entry.isType);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    const literal = /^(["'`])([^$]*)\1$/.exec(text)?.[2];
    if (literal === undefined) throw new Error(`${file}: import(${text}) cannot be checked`);
    add(literal, false);
  }
  return found;
}

function targetOf(file: string, request: string): string {
  const withoutQuery = request.replace(/\?.*$/, "");
  if (!withoutQuery.startsWith(".")) return withoutQuery;
  return posix.join(dirname(file).replaceAll("\\", "/"), withoutQuery);
}

/**
 * The table below the heading "Who may import whom".
 * @throws {Error} when there is none
 */
export function parseLayerTable(markdown: string): LayerTable {
  const section = markdown.split(/^## /m).find((part) => part.startsWith("Who may import whom\n"));
  if (!section) throw new Error("docs/architecture.md has no section Who may import whom");
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  const table: LayerTable = new Map();
  for (const row of rows.slice(2)) {
    const [left = "", right = ""] = row.split("|").slice(1, 3);
    for (const layer of list(left)) table.set(layer, list(right).map(parseAllowed));
  }
  if (table.size === 0) throw new Error("the table of layers is empty");
  return table;
}

const list = (cell: string) => cell.split(",").map((entry) => entry.replaceAll("`", "").trim());

function parseAllowed(entry: string): Allowed {
  const types = /^(.*) \(types\)$/.exec(entry);
  return { name: types?.[1] ?? entry, typesOnly: types !== null };
}

/** The layer a file belongs to: the most exact one. */
export function layerOf(table: LayerTable, file: string): string | undefined {
  return [...table.keys()]
    .filter((layer) => covers(layer, file))
    .sort((a, b) => b.length - a.length)[0];
}

/** `web/link` covers web/link.ts, web/link/… and web/link-….ts. */
function covers(layer: string, path: string): boolean {
  if (!path.startsWith(layer)) return false;
  const rest = path.slice(layer.length);
  return rest.startsWith("/") || /^(?:-[\w-]+)?\.\w+$/.test(rest);
}

/** Why an import is not allowed, as a sentence; null when it is. */
export function problemOf(table: LayerTable, { file, target, typesOnly }: Import): string | null {
  const layer = layerOf(table, file);
  if (layer === undefined) return `${file} belongs to no layer of the table`;
  if (covers(layer, target)) return null;
  const match = table.get(layer)?.filter((allowed) => permits(allowed.name, target)) ?? [];
  if (match.some((allowed) => typesOnly || !allowed.typesOnly)) return null;
  if (match.length > 0) return `${file} may import only types from ${target}`;
  return `${file} (${layer}) may not import ${target}`;
}

function permits(name: string, target: string): boolean {
  if (name === "node:") return target.startsWith("node:");
  const anything = /^anything in (.+)$/.exec(name)?.[1];
  if (anything) return target.startsWith(`${anything}/`);
  return target === name || target.startsWith(`${name}/`) || covers(name, target);
}
