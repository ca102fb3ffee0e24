/** What the parts of the teacher's panel have in common: a name, and whom they are for. */
import { type ReactNode, useLayoutEffect, useRef } from "react";
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

/** A part of the panel under its name. When the button that was pressed is gone, the focus stays in its part. */
export function Part({ name, children }: { name: string; children: ReactNode }) {
  const section = useRef<HTMLElement>(null);
  const within = useRef(false);
  // React tells of no blur when it takes the focused element away itself.
  useLayoutEffect(() => {
    if (within.current && document.activeElement === document.body) section.current?.focus();
  });
  return (
    <section
      ref={section}
      className="direct-part"
      aria-label={name}
      tabIndex={-1}
      onFocus={() => {
        within.current = true;
      }}
      onBlur={() => {
        within.current = false;
      }}
    >
      <h3 className="label">{name}</h3>
      {children}
    </section>
  );
}
