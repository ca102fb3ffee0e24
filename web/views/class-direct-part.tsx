/** What the parts of the teacher's panel have in common: a name, and whom they are for. */
import type { ReactNode } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import type { Student } from "../model/wall-rows.ts";
import { nameOf } from "../model/wall-words.ts";

export type Teaching = NonNullable<ClassNow["teacher"]>;

/** Whom a deed is for; null: everybody. */
export type Target = Student | null;

/** What every part of the panel needs. */
export interface DirectPart {
  classroom: Classroom;
  now: ClassNow;
  target: Target;
  /** What a target is called at present, whatever it was when something was done to it. */
  called(target: Target): string;
}

/** `Trinity`, `everybody`. */
export const whom = (target: Target): string => (target ? nameOf(target) : "everybody");

/** In an action: one student, or nothing for everybody. */
export const only = (target: Target): { student?: string } =>
  target ? { student: target.id } : {};

/** A part of the panel under its name. */
export function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className="direct-part" aria-label={name}>
      <h3 className="label">{name}</h3>
      {children}
    </section>
  );
}
