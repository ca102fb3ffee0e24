/** What every gateway of a class has to do once: because a message says so, or because the class has changed. */
import * as v from "valibot";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import type { Bus } from "./bus.ts";
import { listening } from "./changes.ts";
import { readJson } from "./read.ts";
import { STUDENTS } from "./roster.ts";
import type { ClassEffect } from "./types.ts";

const TOPIC = "effect";

/** Effects that are nothing but messages. The others follow from what lasts, so that nobody can miss them. */
const Told = v.variant("do", [
  v.object({ do: v.literal("hang-up"), student: v.exactOptional(v.string()) }),
  v.object({
    do: v.literal("lesson"),
    lesson: v.picklist(LESSON_NAMES),
    port: v.number(),
    on: v.boolean(),
  }),
]);

export class Effects {
  readonly #bus: Bus;
  readonly #listeners = new Set<(effect: ClassEffect) => void>();

  constructor(bus: Bus) {
    this.#bus = bus;
    bus.listen({
      changed: (table, key, value) => {
        if (table === STUDENTS && value === null) this.#do({ do: "remove", student: key });
        if (table === "class" && key === "ended" && value !== null) this.#do({ do: "end" });
      },
      heard: (topic, body) => {
        const effect = topic === TOPIC ? readJson(Told, body) : null;
        if (effect) this.#do(effect);
      },
    });
  }

  listen(listener: (effect: ClassEffect) => void): () => void {
    return listening(this.#listeners, listener);
  }

  /**
   * Has every gateway do it. One that cannot be reached now does not do it later, when it would meet
   * something else. @returns a sentence that says so.
   */
  everywhere(effect: ClassEffect): string | null {
    this.#do(effect);
    if (!this.#bus.online)
      return "Done for students of this gateway only: the others cannot be reached now.";
    this.#bus.shout(TOPIC, JSON.stringify(effect));
    return null;
  }

  #do(effect: ClassEffect): void {
    for (const listener of [...this.#listeners]) listener(effect);
  }
}
