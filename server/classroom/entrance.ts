/** How people come into a class: with the join code and a name, with the secret of a link, with a pass. */
import { type JoinRefused, MAX_NAME_CHARACTERS } from "../../shared/classroom.ts";
import { cleanName } from "../../shared/names.ts";
import { isSameCode, isSameText } from "./code.ts";
import { Guesses } from "./guesses.ts";
import { issuePass, readPass } from "./passes.ts";
import type { Roster, Student } from "./roster.ts";
import type { ClassState } from "./state.ts";
import type { Classroom, ClassSettings, Identity, Joined } from "./types.ts";

type JoinRequest = Parameters<Classroom["join"]>[0];
type Admitted = ReturnType<Classroom["admit"]>;

const refused = (why: JoinRefused): Joined => ({ ok: false, ...why });

export class Entrance {
  readonly #settings: ClassSettings;
  readonly #state: ClassState;
  readonly #roster: Roster;
  readonly #now: () => number;
  readonly #guesses: Guesses;

  constructor(settings: ClassSettings, state: ClassState, roster: Roster, now: () => number) {
    this.#settings = settings;
    this.#state = state;
    this.#roster = roster;
    this.#now = now;
    this.#guesses = new Guesses(now);
  }

  identify(pass: string): Identity | null {
    if (this.#state.isOn("ended")) return null;
    const bearer = readPass(this.#state.secret("key"), pass, this.#now());
    if (!bearer) return null;
    if (bearer.role !== "student") return { role: bearer.role, user: bearer.role };
    const student = this.#roster.all.get(bearer.id);
    return student ? identityOf(student) : null;
  }

  async join({ code, name, address, pass }: JoinRequest): Promise<Joined> {
    if (this.#state.isOn("ended")) return refused({ problem: "ended" });
    const known = pass === undefined ? undefined : this.identify(pass)?.student;
    if (known) return this.#back(known.id);
    const retryAfterMs = this.#guesses.waitMs(address);
    if (retryAfterMs > 0) return refused({ problem: "too-many-tries", retryAfterMs });
    if (!isSameCode(code, this.#state.secret("code"))) {
      this.#guesses.wrong(address);
      return refused({ problem: "wrong-code" });
    }
    return this.#enter(name);
  }

  admit(secret: string, address: string): Admitted {
    if (this.#state.isOn("ended")) return { ok: false, retryAfterMs: 0 };
    const retryAfterMs = this.#guesses.waitMs(address);
    if (retryAfterMs > 0) return { ok: false, retryAfterMs };
    // Both are compared, so that time does not tell which it is.
    const isTeacher = isSameText(secret, this.#state.secret("teacher"));
    const isWatch = isSameText(secret, this.#state.secret("watch"));
    if (!isTeacher && !isWatch) {
      this.#guesses.wrong(address);
      return { ok: false, retryAfterMs: 0 };
    }
    const role = isTeacher ? "teacher" : "watch";
    return { ok: true, pass: this.#issue(role, ""), identity: { role, user: role } };
  }

  async #enter(typed: string): Promise<Joined> {
    if (this.#state.isOn("locked")) return refused({ problem: "locked" });
    if (this.#roster.isFull(this.#settings.size)) return refused({ problem: "full" });
    const name = cleanName(typed, MAX_NAME_CHARACTERS);
    if (name === null) return refused({ problem: "bad-name" });
    const entered = await this.#roster.enter(name);
    if (!entered.ok) return refused({ problem: "name-taken", suggestion: entered.suggestion });
    return this.#joined(entered.student);
  }

  #back(id: string): Joined {
    this.#roster.revive(id);
    const student = this.#roster.all.get(id);
    return student ? this.#joined(student) : refused({ problem: "ended" });
  }

  #joined(student: Student): Joined {
    return { ok: true, pass: this.#issue("student", student.id), identity: identityOf(student) };
  }

  #issue(role: "teacher" | "student" | "watch", id: string): string {
    const expiresAt = this.#now() + this.#settings.passMs;
    return issuePass(this.#state.secret("key"), { role, id }, expiresAt);
  }
}

/** A student's user name cannot be that of the teacher or a watcher. */
const identityOf = ({ id, name }: Student): Identity => ({
  role: "student",
  user: `student:${id}`,
  student: { id, name },
});
