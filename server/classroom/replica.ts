/**
 * One participant's copy of what is on a bus. Of two values for a key the newer one stands, by a number that
 * grows with each change and, of equal ones, by who made it: so copies that were told the same things in any
 * order, and any number of times, are the same.
 */
import type { BusListener, Held } from "./bus.ts";

/** A value with its age. An empty body is a removal, which has to be remembered like a value. */
export interface Version {
  readonly n: number;
  readonly by: string;
  readonly body: string;
}

const isNewer = (a: Version, b: Version | undefined): boolean =>
  b === undefined || a.n > b.n || (a.n === b.n && a.by > b.by);

/** Nobody gives two bodies one number. */
export const isSame = (a: Version | undefined, b: Version): boolean =>
  a?.n === b.n && a.by === b.by;

/** As scripts write it: `N BY BODY`. */
export function readVersion(text: string): Version {
  const [, n = "0", by = "", body = ""] = /^(\d+) (\S+) (.*)$/s.exec(text) ?? [];
  return { n: Number(n), by, body };
}

const inTable = (table: string) => `${table}/`;
/** Of a field: tables have no slash in their names, keys may. */
const split = (field: string): [table: string, key: string] => {
  const at = field.indexOf("/");
  return [field.slice(0, at), field.slice(at + 1)];
};
export const fieldOf = (table: string, key: string): string => inTable(table) + key;

export class Replica {
  readonly #versions = new Map<string, Version>();
  readonly #tables = new Map<string, Map<string, string>>();
  /** What each participant holds, by its name and the field. */
  readonly #held = new Map<string, Map<string, string>>();
  readonly #listeners = new Set<BusListener>();

  listen(listener: BusListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(say: (listener: BusListener) => void): void {
    for (const listener of [...this.#listeners]) say(listener);
  }

  entries(table: string): ReadonlyMap<string, string> {
    return this.#tables.get(table) ?? new Map();
  }

  /** Every version, removals too, by field. */
  get versions(): ReadonlyMap<string, Version> {
    return this.#versions;
  }

  /** The version that a change made here and now has. */
  next(field: string, by: string, body: string): Version {
    return { n: (this.#versions.get(field)?.n ?? 0) + 1, by, body };
  }

  /** Takes a version unless a newer one is known. @returns whether it stands now. */
  take(field: string, version: Version): boolean {
    const before = this.#versions.get(field);
    if (!isNewer(version, before)) return false;
    this.#versions.set(field, version);
    if ((before?.body ?? "") === version.body) return true;
    const [table, key] = split(field);
    const values = this.#tables.get(table) ?? new Map<string, string>();
    this.#tables.set(table, values);
    if (version.body === "") values.delete(key);
    else values.set(key, version.body);
    this.tell((listener) => listener.changed?.(table, key, version.body || null));
    return true;
  }

  held(table: string): Held[] {
    const prefix = inTable(table);
    const found: Held[] = [];
    for (const [by, fields] of this.#held) {
      for (const [field, value] of fields) {
        if (field.startsWith(prefix)) found.push({ by, key: field.slice(prefix.length), value });
      }
    }
    return found;
  }

  heldBy(by: string): ReadonlyMap<string, string> {
    return this.#held.get(by) ?? new Map();
  }

  hold(by: string, field: string, value: string | null): void {
    const fields = this.#held.get(by) ?? new Map<string, string>();
    if ((fields.get(field) ?? null) === value) return;
    this.#held.set(by, fields);
    if (value === null) fields.delete(field);
    else fields.set(field, value);
    const [table, key] = split(field);
    this.tell((listener) => listener.held?.(table, by, key, value));
  }

  /** What a participant holds is this and nothing else. */
  holdOnly(by: string, fields: ReadonlyMap<string, string>): void {
    for (const field of [...this.heldBy(by).keys()]) {
      if (!fields.has(field)) this.hold(by, field, null);
    }
    for (const [field, value] of fields) this.hold(by, field, value);
    if (fields.size === 0) this.#held.delete(by);
  }
}
