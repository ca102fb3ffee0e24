/** The teacher's panel: what is done to everybody, or to the one who is shown large. */
import { useEffect, useRef, useState } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import type { Student } from "../model/wall-rows.ts";
import { nameOf } from "../model/wall-words.ts";
import { EndClass, Keeping, Screens } from "./class-direct-class.tsx";
import type { DirectPart } from "./class-direct-part.tsx";
import { Lessons, Reach } from "./class-direct-reach.tsx";
import { HangUp, Note, Point, Remove, Typing } from "./class-direct-students.tsx";

export interface ClassDirectProps {
  classroom: Classroom;
  now: ClassNow;
  /** The student who is shown large. */
  chosen: Student | null;
  called: DirectPart["called"];
  onDone(): void;
  onEnded(): void;
}

export default function ClassDirect(props: ClassDirectProps) {
  const { classroom, now, chosen, called, onDone, onEnded } = props;
  const [all, setAll] = useState(chosen === null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const chosenId = chosen?.id;
  // Whoever is pulled out while the panel is open is the one it is for.
  useEffect(() => {
    if (chosenId !== undefined) setAll(false);
  }, [chosenId]);
  const lost = !all && chosen === null;
  // The button that removed somebody is gone with that student.
  useEffect(() => {
    if (lost && document.activeElement === document.body) title.current?.focus();
  }, [lost]);
  const { teacher } = now;
  if (!teacher) return null;
  const target = all ? null : chosen;
  const part = { classroom, now, target, called };
  return (
    <section className="direct" aria-label="Direct the class" data-region="direct">
      <div className="class-student-head">
        <h2 ref={title} tabIndex={-1} data-region-focus="">
          Direct
        </h2>
        <button type="button" className="class-key" onClick={onDone}>
          Done{" "}
          <span className="keycap" aria-hidden="true">
            D
          </span>
        </button>
      </div>
      <div className="direct-parts">
        <Whom chosen={chosen} all={all} setAll={setAll} />
        {!lost ? (
          <>
            <Point {...part} />
            <Note {...part} />
            <Typing {...part} teacher={teacher} />
            {/* A question that waits for an answer is about whom it was asked. */}
            <HangUp key={`hang up ${target?.id}`} {...part} />
          </>
        ) : (
          // What was meant for one must not reach everybody.
          <p className="about" role="alert">
            The student this was for is in the class no longer. Choose whom it is for.
          </p>
        )}
        {target && <Remove key={target.id} classroom={classroom} student={target} />}
        <Reach {...part} teacher={teacher} />
        <Lessons {...part} teacher={teacher} />
        <Screens teacher={teacher} />
        <Keeping now={now} />
        <EndClass classroom={classroom} onEnded={onEnded} />
      </div>
    </section>
  );
}

interface WhomProps {
  chosen: Student | null;
  all: boolean;
  setAll(all: boolean): void;
}

function Whom({ chosen, all, setAll }: WhomProps) {
  return (
    <fieldset className="switch direct-whom">
      <legend className="unseen">Whom it is for</legend>
      <button type="button" aria-pressed={all} onClick={() => setAll(true)}>
        Everybody
      </button>
      <button
        type="button"
        aria-pressed={!all && chosen !== null}
        disabled={chosen === null}
        onClick={() => setAll(false)}
      >
        {chosen ? nameOf(chosen) : "One: choose a student first"}
      </button>
    </fieldset>
  );
}
