/** The parts of the teacher's panel about the class itself: other screens, what is kept, and its end. */
import { lazy, Suspense, useState } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import { longDuration } from "../model/format.ts";
import { DeedWords, Question } from "./class-deed.tsx";
import { Part, type Teaching } from "./class-direct-part.tsx";
import type { ClassRecordingsProps } from "./class-recordings.tsx";
import { toClipboard } from "./clipboard.ts";
import { orNotLoaded } from "./not-loaded.tsx";
import { useDeed } from "./use-deed.ts";

export function Screens({ teacher }: { teacher: Teaching }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const { watchUrl, gateways } = teacher;
  const others = gateways === 1 ? "1 other gateway" : `${gateways} other gateways`;
  return (
    <Part name="Second screen">
      <p className="about">Whoever opens this link sees the wall and can do nothing.</p>
      <div className="direct-line">
        <input
          className="direct-field data"
          aria-label="Link of a second screen"
          readOnly
          value={watchUrl}
        />
        <button
          type="button"
          className="button"
          onClick={async () => setCopied(await toClipboard(watchUrl))}
        >
          Copy
        </button>
      </div>
      <p className="deed" role="status">
        {copied === true && "Copied."}
        {copied === false && "The browser did not allow that. Select the link and copy it."}
      </p>
      <p className="about">
        {gateways === 0
          ? "One gateway carries this class."
          : `This gateway and ${others} carry this class.`}
      </p>
    </Part>
  );
}

const Recordings = lazy(() => orNotLoaded<ClassRecordingsProps>(import("./class-recordings.tsx")));

export function Keeping({ now }: { now: ClassNow }) {
  const [open, setOpen] = useState(false);
  return (
    <Part name="Keeping">
      <p className="about">{keepingWords(now)}</p>
      {now.teacher?.keepProblem && (
        <p className="wrong" role="alert">
          {now.teacher.keepProblem}
        </p>
      )}
      {now.keeps && (
        <button
          type="button"
          className="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          Kept conversations
        </button>
      )}
      {open && (
        <Suspense fallback={<p aria-busy="true">Loading…</p>}>
          <Recordings hidden={now.namesHidden} />
        </Suspense>
      )}
    </Part>
  );
}

function keepingWords({ keeps, keepMs }: ClassNow): string {
  if (!keeps)
    return "Nothing is stored: when the gateway stops, the conversations are gone. Start it with --data DIR to keep them in files.";
  const until = keepMs ? `for ${longDuration(keepMs / 1000)}` : "until somebody deletes them";
  return `Every conversation is kept in files on the gateway's machine, ${until}.`;
}

export function EndClass({ classroom, onEnded }: { classroom: Classroom; onEnded(): void }) {
  const deed = useDeed(classroom);
  const [asks, setAsks] = useState(false);
  const go = async () => {
    setAsks(false);
    if (await deed.run({ do: "end" }, "The class is over.")) onEnded();
  };
  return (
    <Part name="The end">
      {asks ? (
        <Question yes="End the class" onYes={() => void go()} onNo={() => setAsks(false)}>
          Every student is sent out, every connection closed, and the code opens nothing any more.
        </Question>
      ) : (
        <button type="button" className="button direct-end" onClick={() => setAsks(true)}>
          End the class…
        </button>
      )}
      <DeedWords step={deed.step} />
    </Part>
  );
}
