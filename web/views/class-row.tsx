/** One student on the wall: drawn again only when something of that student has changed. */
import { createContext, memo, useContext } from "react";
import type { Student } from "../model/wall-rows.ts";
import { TRACE_HEIGHT, TRACE_LENGTH, tracePaths } from "../model/wall-trace.ts";
import { type Face, faceOf, type Sign, sentenceOf } from "../model/wall-words.ts";
import { InArrow, OutArrow } from "./signs.tsx";
import { StatePattern } from "./state-chip.tsx";

/** The wall's time, in milliseconds since 1970: traces move with it and rows do not. */
export const WallTime = createContext(0);

export interface ClassRowProps {
  student: Student;
  /** Place among everybody, from 1, and how many there are. */
  place: number;
  of: number;
  chosen: boolean;
  /** The list's one stop of Tab. */
  stop: boolean;
  /** Shows the student large; left out where nothing can be chosen. */
  onChoose?: ((student: string) => void) | undefined;
}

export const ClassRow = memo(function ClassRow(props: ClassRowProps) {
  const { student, place, of, chosen, stop, onChoose } = props;
  const face = faceOf(student);
  const content = (
    <>
      <span className="unseen">{sentenceOf(student)}</span>
      <FaceShown student={student} face={face} />
    </>
  );
  return (
    <li
      className={student.here ? "class-row" : "class-row away"}
      aria-setsize={of}
      aria-posinset={place}
      data-chosen={chosen ? "" : undefined}
    >
      {onChoose ? (
        <button
          type="button"
          className="class-row-face"
          aria-current={chosen ? "true" : undefined}
          tabIndex={stop ? 0 : -1}
          data-region-focus={stop ? "" : undefined}
          data-student={student.id}
          onClick={() => onChoose(student.id)}
        >
          {content}
        </button>
      ) : (
        <div className="class-row-face">{content}</div>
      )}
    </li>
  );
});

/** A pattern as high as both lines of a row. */
const TALL = 40;

function FaceShown({ student, face }: { student: Student; face: Face }) {
  const { name, sign, state, wrong, line } = face;
  return (
    <span className="class-row-parts" aria-hidden="true">
      <span className="class-row-sign">
        <SignShown sign={sign} height={TALL} />
      </span>
      <span className="class-row-name">
        <span>{name}</span>
        {student.frozen && <span className="class-row-mark">frozen</span>}
        {!student.here && student.now && <span className="class-row-mark">away</span>}
      </span>
      <span className={wrong ? "class-row-state data wrong" : "class-row-state data"}>{state}</span>
      <span className={`class-row-line data ${line.tone}`}>
        {line.tone === "out" && <OutArrow />}
        {line.tone === "in" && <InArrow />}
        <span>{line.text}</span>
      </span>
      <Trace student={student} />
    </span>
  );
}

/** @param height of a pattern, in units of which it is 14 wide. */
export function SignShown({ sign, height = 24 }: { sign: Sign; height?: number }) {
  if (sign === "cross") {
    return (
      <svg className="wrong" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M2 2l16 16M18 2L2 18" stroke="currentColor" strokeWidth="3.5" />
      </svg>
    );
  }
  if (sign === "dot" || sign === "none") {
    return (
      <svg className="calm" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle
          cx="8"
          cy="8"
          r="6"
          fill={sign === "dot" ? "currentColor" : "none"}
          stroke="currentColor"
          strokeWidth="2"
        />
      </svg>
    );
  }
  return <StatePattern state={sign} height={height} />;
}

const box = `0 0 ${TRACE_LENGTH} ${TRACE_HEIGHT}`;

const Trace = memo(function Trace({ student }: { student: Student }) {
  const paths = tracePaths(student, useContext(WallTime));
  return (
    <svg className="class-trace" viewBox={box} aria-hidden="true">
      <path className={paths.dashed ? "trace-line opening" : "trace-line"} d={paths.line} />
      {paths.out && <path className="out" fill="currentColor" d={paths.out} />}
      {paths.in && <path className="in" fill="currentColor" d={paths.in} />}
      {paths.end && <path className="trace-fin" d={paths.end} />}
      {paths.wrong && <path className="trace-reset" d={paths.wrong} />}
    </svg>
  );
});
