/** The screen Class: everyone live, one student large, and what a teacher needs while a room looks at it. */
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { ClassAction, ClassNow } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import type { Desk } from "../model/desk.ts";
import type { Settings } from "../model/settings.ts";
import { Wall } from "../model/wall.ts";
import "../theme/class.css";
import { ClassBar } from "./class-bar.tsx";
import type { ClassDirectProps } from "./class-direct.tsx";
import type { Target } from "./class-direct-part.tsx";
import { ClassHead } from "./class-head.tsx";
import { ClassAnnouncer, ClassEmpty, ClassNews } from "./class-news.tsx";
import { ClassStudent } from "./class-student.tsx";
import { ClassWall } from "./class-wall.tsx";
import type { Gateway } from "./gateway.ts";
import { orNotLoaded } from "./not-loaded.tsx";
import { useAppearance } from "./use-appearance.ts";
import { type ClassKeys, useClassKeys } from "./use-class-keys.ts";
import { type Deed, useDeed } from "./use-deed.ts";
import { focusRegion, useRegions } from "./use-regions.ts";
import { useFrames, useValue } from "./use-store.ts";

const ClassDirect = lazy(() => orNotLoaded<ClassDirectProps>(import("./class-direct.tsx")));

export interface ClassScreenProps {
  desk: Desk;
  settings: Settings;
  classroom: Classroom;
  gateway: Gateway;
}

export default function ClassScreen(props: ClassScreenProps) {
  const { classroom, settings, gateway } = props;
  useAppearance(settings, null);
  useFrames(gateway);
  const now = useValue(classroom, () => classroom.now);
  const [over, setOver] = useState(false);
  return (
    <main className="class">
      {over ? (
        <Over now={now} />
      ) : now && seesWall(now) ? (
        <Open {...props} now={now} onEnded={() => setOver(true)} />
      ) : (
        <NoClass known={now !== null} />
      )}
    </main>
  );
}

/** A page of another role has no wall. */
const seesWall = ({ role }: ClassNow): boolean => role === "teacher" || role === "watch";

function NoClass({ known }: { known: boolean }) {
  return (
    <p className="class-hint">
      {known
        ? "The wall of a class is for its teacher. Open the link that was printed where the gateway runs."
        : "Here is the wall of a class, where there is one."}{" "}
      <a href="#talk">To Talk</a>
    </p>
  );
}

function Over({ now }: { now: ClassNow | null }) {
  return (
    <section className="class-over" role="status">
      <h1>The class is over.</h1>
      <p>
        {now?.keeps
          ? "Its code opens nothing any more. The conversations are kept on the gateway's machine."
          : "Its code opens nothing any more, and nothing of it was kept."}
      </p>
    </section>
  );
}

interface OpenProps extends ClassScreenProps {
  now: ClassNow;
  onEnded(): void;
}

const clock = { now: () => Date.now(), soon: (run: () => void) => void requestAnimationFrame(run) };

/** What was done with a key stands over the last row for so long. */
const DEED_MS = 5_000;

function Open({ classroom, desk, settings, gateway, now, onEnded }: OpenProps) {
  const [wall] = useState(() => new Wall(classroom, clock));
  useEffect(() => wall.start(), [wall]);
  useRegions(null, true);
  const teaches = now.role === "teacher";
  const deed = useDeed(classroom, DEED_MS);
  const [asks, setAsks] = useState(false);
  const [directing, setDirecting] = useState(false);
  const keys = useKeys({ wall, classroom, deed, setAsks, directing, setDirecting });
  useClassKeys(teaches ? keys : null);
  const answer = async (yes: boolean) => {
    setAsks(false);
    if (yes && (await deed.run({ do: "clear" }, "Cleared."))) wall.forgetNews();
  };
  const lost = gateway.status.phase !== "live";
  return (
    <>
      <ClassHead {...{ now, wall, desk, settings }} />
      {lost && (
        <p className="class-flagline" role="alert">
          The gateway cannot be reached: what is shown is not live.
        </p>
      )}
      <Middle {...{ wall, now, classroom, directing, teaches, onEnded }} onDone={keys.direct} />
      {teaches && <ClassBar {...{ now, wall, keys, deed, asks, answer, directing }} />}
      <ClassAnnouncer wall={wall} hidden={now.namesHidden} />
    </>
  );
}

interface MiddleProps {
  wall: Wall;
  now: ClassNow;
  classroom: Classroom;
  directing: boolean;
  teaches: boolean;
  onDone(): void;
  onEnded(): void;
}

function Middle({ wall, now, classroom, directing, teaches, onDone, onEnded }: MiddleProps) {
  const chosen = useValue(wall, () => wall.chosen);
  const known = useValue(wall, () => wall.known);
  const empty = useValue(wall, () => wall.students.length === 0);
  const called = (target: Target) =>
    target === null ? "everybody" : wall.nameOf(target, now.namesHidden);
  const side = directing ? "direct" : chosen ? "student" : empty || !teaches ? "none" : "news";
  return (
    <div className="class-middle" data-side={side}>
      {empty ? <ClassEmpty now={now} known={known} /> : <ClassWall wall={wall} now={now} />}
      {side !== "none" && (
        <div className="class-side">
          {directing ? (
            <Suspense fallback={<p className="class-hint">Loading…</p>}>
              <ClassDirect {...{ classroom, now, chosen, called, onDone, onEnded }} />
            </Suspense>
          ) : chosen ? (
            <ClassStudent wall={wall} student={chosen} />
          ) : (
            <ClassNews wall={wall} hidden={now.namesHidden} />
          )}
        </div>
      )}
    </div>
  );
}

interface Doing {
  wall: Wall;
  classroom: Classroom;
  deed: Deed;
  setAsks(asks: boolean): void;
  directing: boolean;
  setDirecting(directing: boolean): void;
}

function useKeys({ wall, classroom, deed, setAsks, directing, setDirecting }: Doing): ClassKeys {
  const { run } = deed;
  const turn = useCallback(
    (action: Extract<ClassAction, { on: boolean }>, on: string, off: string) =>
      void run(action, action.on ? on : off),
    [run],
  );
  return useMemo(() => {
    const close = () => {
      setDirecting(false);
      // The panel is gone, and the focus with it.
      requestAnimationFrame(() => focusRegion("wall", null));
    };
    return {
      pause: () => (wall.paused ? wall.resume() : wall.pause()),
      lock: () =>
        turn(
          { do: "lock", on: !classroom.now?.locked },
          "Joining is locked: nobody new can come in.",
          "Joining is open.",
        ),
      clear: () => setAsks(true),
      names: () =>
        turn(
          { do: "hide-names", on: !classroom.now?.namesHidden },
          "Names are hidden.",
          "Names are shown.",
        ),
      direct: () => (directing ? close() : setDirecting(true)),
      next: (step) => wall.next(step),
      page: (step) => wall.turnTo(step),
      back: () => (directing ? close() : wall.back()),
    };
  }, [wall, classroom, turn, setAsks, directing, setDirecting]);
}
