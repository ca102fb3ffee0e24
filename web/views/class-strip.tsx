/** What a student always sees of the class: who they are, that the teacher looks on, and what the teacher says. */
import { useEffect, useRef } from "react";
import { formatAddress, parseAddress } from "../../shared/address.ts";
import type { Desk } from "../model/desk.ts";
import { isOver } from "../model/status.ts";
import type { Student } from "../model/student.ts";
import { Directory } from "./class-directory.tsx";
import { EyeSign } from "./class-signs.tsx";
import { useFrames, useValue } from "./use-store.ts";
import { WordsWithCode } from "./words-with-code.tsx";
import "../theme/class-strip.css";

export interface ClassStripProps {
  student: Student;
  desk: Desk;
}

export default function ClassStrip({ student, desk }: ClassStripProps) {
  useFrames(student);
  const { now } = student;
  useEffect(() => {
    // When the class is over, the gateway may be gone as well.
    void import("./class-over.tsx").catch(() => {});
  }, []);
  const over = useValue(desk.carrier, () => isOver(desk.carrier.status));
  if (!now) return null;
  if (over) {
    return (
      <section className="class-strip" aria-label="Class">
        <p className="class-who">
          You were <strong>{now.student?.name ?? "a student"}</strong> in{" "}
          <strong>{now.name}</strong>
        </p>
      </section>
    );
  }
  return (
    <>
      <section className="class-strip" aria-label="Class">
        <p className="class-who">
          <span className="full">You are </span>
          <strong>{now.student?.name ?? "a student"}</strong> in <strong>{now.name}</strong>
        </p>
        <p className="class-seen">
          <EyeSign />
          Your teacher sees this page
        </p>
        <Directory student={student} now={now} />
      </section>
      <Frozen frozen={now.frozen} />
      <Note student={student} />
      <PointedAt student={student} desk={desk} />
    </>
  );
}

/** Said when it begins, and also when it is over. */
function Frozen({ frozen }: { frozen: boolean }) {
  const was = useRef(false);
  if (frozen) was.current = true;
  return (
    <div className={frozen ? "notice urgent" : "unseen"}>
      <p role="status">
        {frozen && (
          <>
            <strong className="label">Your teacher has frozen typing.</strong>
            Keys are not taken now. A line you had begun is kept.
          </>
        )}
        {!frozen && was.current && "You may type again."}
      </p>
    </div>
  );
}

function Note({ student }: { student: Student }) {
  const { note } = student;
  return (
    <div className={note ? "notice class-note" : "unseen"}>
      <p role="status">
        {note && (
          <>
            <strong className="label">Your teacher says:</strong>
            <WordsWithCode text={note} />
          </>
        )}
      </p>
      {note && (
        <button type="button" className="button quiet" onClick={() => student.putNoteAway()}>
          Dismiss
        </button>
      )}
    </div>
  );
}

/** The page has done it already: what is left is to go back, or to try where there was no room. */
function PointedAt({ student, desk }: { student: Student; desk: Desk }) {
  const { pointed } = student;
  const onTalk = useValue(desk, () => desk.screen) === "talk";
  const current = useValue(desk, () => desk.current);
  const goThere = () => {
    student.goThere();
    window.location.hash = "#talk";
  };
  const { talk = null, before = null, address = "" } = pointed ?? {};
  // What was done already takes one line: the terminal needs the others.
  const look = talk ? "notice followed" : "notice";
  return (
    <div className={pointed ? look : "unseen"}>
      <p role="status">
        {pointed && (
          <>
            <strong className="label full">Your teacher asks you to connect to</strong>
            <strong className="label brief" aria-hidden="true">
              Your teacher asks:
            </strong>
            <span className="data">{short(address)}</span>
            {talk ? "." : ", but this page has no room for another conversation. Close one first."}
          </>
        )}
      </p>
      {pointed && (
        <div className="notice-buttons">
          {talk && !onTalk && (
            <button type="button" className="button" onClick={goThere}>
              Go there
            </button>
          )}
          {talk && onTalk && before && current === talk && (
            <button
              type="button"
              className="button"
              aria-label="Back to what I had"
              onClick={() => student.goBack()}
            >
              <span className="full">Back to what I had</span>
              <span className="brief">Back</span>
            </button>
          )}
          {!talk && (
            <button type="button" className="button" onClick={() => student.connectAgain()}>
              Connect
            </button>
          )}
          <button type="button" className="button quiet" onClick={() => student.putPointedAway()}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}

/** As it would stand in the bar. */
function short(address: string): string {
  const parsed = parseAddress(address);
  return parsed.ok ? formatAddress(parsed.address) : address;
}
