/** What a teacher does to a class: each action, when it cannot be done, and what to do then. */
import { formatAddress, formatEndpoint, parseAddress } from "../../shared/address.ts";
import { type ClassAction, MAX_CLASS_TARGETS } from "../../shared/classroom.ts";
import type { Roster } from "./roster.ts";
import type { ClassState } from "./state.ts";
import type { ClassEffect, Identity } from "./types.ts";

export interface Steerable {
  readonly state: ClassState;
  readonly roster: Roster;
  isHere(student: string): boolean;
  /** Has every gateway do something once. @returns a sentence when only this one could be told. */
  effect(effect: ClassEffect): string | null;
}

/** Does what a teacher asks. @returns null, or a sentence that says why not. */
export function steer(on: Steerable, identity: Identity, action: ClassAction): string | null {
  if (identity.role !== "teacher") return "Only the teacher can do that.";
  if (on.state.isOn("ended")) return "This class is over. Start another one to go on.";
  const student = "student" in action ? action.student : undefined;
  if (student !== undefined && !on.roster.all.has(student))
    return "That student is no longer in the class.";
  return act(on, action);
}

function act(on: Steerable, action: ClassAction): string | null {
  const { state } = on;
  switch (action.do) {
    case "lock":
      state.turn("locked", action.on);
      return null;
    case "hide-names":
      state.turn("names-hidden", action.on);
      return null;
    case "clear":
      return clear(on);
    case "point":
      return point(on, action);
    case "note":
      state.say("note", action.text.trim(), action.student);
      return null;
    case "freeze":
      return freeze(on, action);
    case "hang-up":
      return on.effect({
        do: "hang-up",
        ...(action.student === undefined ? {} : { student: action.student }),
      });
    case "lesson":
      return on.effect(action);
    case "remove":
      state.dropStudent(action.student);
      on.roster.remove(action.student);
      return null;
    case "allow":
      return allow(on, action);
    case "end":
      state.turn("ended", true);
      return null;
  }
}

type Action<D extends ClassAction["do"]> = Extract<ClassAction, { do: D }>;

function clear({ state, roster, isHere }: Steerable): null {
  for (const { id } of roster.present) if (!isHere(id)) roster.forget(id, false);
  state.clear();
  return null;
}

function point({ state }: Steerable, { address, student }: Action<"point">): string | null {
  const parsed = parseAddress(address);
  if (!parsed.ok) return parsed.problem;
  state.say("point", formatAddress(parsed.address), student);
  return null;
}

function freeze({ state }: Steerable, { on, student }: Action<"freeze">): string | null {
  if (!on && student !== undefined && state.allFrozen)
    return "Nobody may type now. Let the class type again first.";
  state.freeze(student, on);
  return null;
}

function allow({ state }: Steerable, { address, on }: Action<"allow">): string | null {
  const parsed = parseAddress(address);
  if (!parsed.ok) return parsed.problem;
  if (parsed.address.scheme === "unix")
    return "Students can be allowed a host and a port only. Write 127.0.0.1:9000, for example.";
  const target = formatEndpoint(parsed.address);
  const isKnown = state.added.includes(target);
  if (on && !isKnown && state.added.length >= MAX_CLASS_TARGETS)
    return `A class has at most ${MAX_CLASS_TARGETS} targets of its own. Take one away first.`;
  state.allow(target, on);
  return null;
}
