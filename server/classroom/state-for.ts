/** What somebody may know of a class, by who it is: switches, what the teacher said, and no secret. */
import type { Roster } from "./roster.ts";
import type { ClassState } from "./state.ts";
import type { Classroom, ClassSettings, Identity } from "./types.ts";

export function stateFor(
  identity: Identity,
  { name, keeps }: ClassSettings,
  state: ClassState,
  roster: Roster,
): ReturnType<Classroom["stateFor"]> {
  const student = identity.student && roster.all.get(identity.student.id);
  const note = state.said("note", student?.id);
  const point = state.said("point", student?.id);
  return {
    name,
    role: identity.role,
    ...(student ? { student: { id: student.id, name: student.name } } : {}),
    locked: state.isOn("locked"),
    namesHidden: state.isOn("names-hidden"),
    frozen: student ? state.isFrozen(student.id) : state.allFrozen,
    ...(note?.text ? { note } : {}),
    ...(point ? { point: { n: point.n, address: point.text } } : {}),
    keeps: keeps !== null,
    ...(keeps ? { keepMs: keeps.forMs } : {}),
    students: roster.present.length,
  };
}
