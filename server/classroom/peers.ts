/** The wall across gateways: what ours see is told to the others, what theirs see is taken, and who is lost with them goes. */
import * as v from "valibot";
import type { Bus } from "./bus.ts";
import { readJson } from "./read.ts";
import { type Roster, STUDENTS } from "./roster.ts";
import { Sighting } from "./sights.ts";
import type { Wall } from "./wall.ts";

export const WALL_TOPIC = "wall";
/** Asks the others for everything they see. */
const ASKING_TOPIC = "wall?";
/** Rows in one message when everything is said again. */
const ROWS = 25;
const Sightings = v.array(Sighting);

export interface PeersOptions {
  bus: Bus;
  wall: Wall;
  roster: Roster;
  /** How long students of a gateway that is gone are shown away before they are gone too, in milliseconds. */
  lostMs: number;
}

export class Peers {
  readonly #options: PeersOptions;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: PeersOptions) {
    this.#options = options;
    options.bus.listen({
      changed: (table, student) => {
        // The others took it for lost with us, when only we could not be reached.
        if (table === STUDENTS && options.wall.isOurs(student)) options.roster.revive(student);
      },
      heard: (topic, body, from) => {
        const sightings = topic === WALL_TOPIC ? readJson(Sightings, body) : null;
        if (sightings) options.wall.hear(from, sightings);
        if (topic === ASKING_TOPIC) this.#sayAll(from);
      },
      left: (gateway) => this.#lose(gateway),
      online: (on) => {
        if (!on) return;
        this.#sayAll();
        options.bus.publish(ASKING_TOPIC, "");
      },
    });
    options.bus.publish(ASKING_TOPIC, "");
  }

  /** While nobody can be told nothing is kept: all of it is said when they are back. */
  tell(sightings: readonly Sighting[], to?: string): void {
    const { bus } = this.#options;
    if (!bus.online || (to === undefined && bus.others.length === 0)) return;
    for (let at = 0; at < sightings.length; at += ROWS)
      bus.publish(WALL_TOPIC, JSON.stringify(sightings.slice(at, at + ROWS)), to);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #sayAll(to?: string): void {
    this.tell(this.#options.wall.snapshot(), to);
  }

  #lose(gateway: string): void {
    const { roster, wall, lostMs } = this.#options;
    const away = wall.lose(gateway);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      for (const id of away) if (!wall.isHere(id)) roster.forget(id, true);
    }, lostMs);
    timer.unref();
    this.#timers.add(timer);
  }
}
