/** What each gateway says of itself while it is there: who listens on it, which sessions it has, where it is reached. */
import * as v from "valibot";
import type { Bus } from "./bus.ts";
import { readJson } from "./read.ts";
import type { ServedPort } from "./types.ts";

export const SERVED = "serve";
const SESSIONS = "session";
const URLS = "url";

const Ports = v.array(
  v.object({
    student: v.string(),
    host: v.string(),
    port: v.number(),
    scheme: v.picklist(["tcp", "udp"]),
  }),
);

export class Directory {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** This gateway's students listen here, and nowhere else on it. */
  serve(ports: readonly Omit<ServedPort, "gateway">[]): void {
    this.#bus.hold(SERVED, "", ports.length === 0 ? null : JSON.stringify(ports));
  }

  get served(): ServedPort[] {
    return this.#bus
      .held(SERVED)
      .flatMap(({ by, value }) =>
        (readJson(Ports, value) ?? []).map((port) => ({ ...port, gateway: by })),
      );
  }

  /** The ports of each student who listens, in their order. */
  get listening(): Map<string, number[]> {
    const found = new Map<string, number[]>();
    for (const { student, port } of this.served)
      found.set(student, [...(found.get(student) ?? []), port]);
    for (const ports of found.values()) ports.sort((a, b) => a - b);
    return found;
  }

  here(sid: string, on: boolean): void {
    this.#bus.hold(SESSIONS, sid, on ? "1" : null);
  }

  reachableAt(url: string): void {
    this.#bus.hold(URLS, "", url);
  }

  /** Where another gateway that has this session is reached; null when none says so. */
  find(sid: string): string | null {
    const isElsewhere = (by: string) => by !== this.#bus.me;
    const owner = this.#bus
      .held(SESSIONS)
      .find(({ by, key }) => key === sid && isElsewhere(by))?.by;
    return this.#bus.held(URLS).find(({ by }) => by === owner)?.value ?? null;
  }
}
