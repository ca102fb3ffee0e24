/** One student large: the state of the socket, and the ladder of the conversation, both as on the student's own page. */
import { lazy, Suspense, useMemo } from "react";
import { formatEndpoint } from "../../shared/address.ts";
import type { ConversationState } from "../../shared/conversation.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import { peerOf } from "../model/ends.ts";
import { Selection } from "../model/selection.ts";
import type { Wall } from "../model/wall.ts";
import type { FollowedNow } from "../model/wall-followed.ts";
import type { Student } from "../model/wall-rows.ts";
import { faceOf, nameOf } from "../model/wall-words.ts";
import { SignShown } from "./class-row.tsx";
import { type EndNames, endName } from "./ladder-head.tsx";
import type { LadderListProps } from "./ladder-list.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { useFrames, useValue } from "./use-store.ts";

const LadderList = lazy(() =>
  orNotLoaded<LadderListProps>(
    import("./ladder-list.tsx").then(({ LadderList }) => ({ default: LadderList })),
  ),
);

export function ClassStudent({ wall, student }: { wall: Wall; student: Student }) {
  const followed = useValue(wall, () => wall.followed);
  const { name, sign, state, wrong } = faceOf(student);
  return (
    <section className="class-student" aria-label={`${name}, large`}>
      <div className="class-student-head">
        <h2>{name}</h2>
        <p className={wrong ? "class-student-state data wrong" : "class-student-state data"}>
          <SignShown sign={sign} />
          {state}
        </p>
        {student.frozen && <p className="class-student-more">frozen</p>}
        {!student.here && <p className="class-student-more">away</p>}
      </div>
      {followed ? (
        <Conversation wall={wall} student={student} followed={followed} />
      ) : (
        <p className="class-hint">
          {student.now
            ? "Fetching the conversation…"
            : `${name} has not connected to anything yet.`}
        </p>
      )}
    </section>
  );
}

interface ConversationProps {
  wall: Wall;
  student: Student;
  followed: FollowedNow;
}

function Conversation({ wall, student, followed }: ConversationProps) {
  const { conversation, missing } = followed;
  useFrames(conversation);
  const paused = useValue(wall, () => wall.paused);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is picked out belongs to its conversation.
  const selection = useMemo(() => new Selection(), [conversation]);
  const { state, total } = conversation;
  const running = state.phase === "opening" || state.phase === "open";
  const names = endNames(state, nameOf(student));
  return (
    <div className="ladder" data-region="ladder">
      {missing && (
        <p className="class-missing" role="status">
          A part of this conversation did not come.
        </p>
      )}
      {total > 0 && (
        <Suspense fallback={<div className="ladder-body" aria-busy="true" />}>
          <LadderList
            key={followed.key}
            {...{ conversation, selection }}
            live={!paused}
            running={running}
            projected={names}
          />
        </Suspense>
      )}
    </div>
  );
}

/** The student by name, and who is at the other end; addresses as short as they can be told apart. */
function endNames(state: ConversationState, name: string): EndNames {
  const { role } = state;
  const peer = peerOf(role);
  const other = endName(state, peer);
  const near = { name, note: null, there: true, address: ownAddress(state.local) };
  const remote = state.remote ?? state.address;
  const port = remote && "port" in remote ? `:${remote.port}` : other.address;
  const far = { ...other, name: other.there ? peer : other.name, address: port };
  return role === "client" ? { client: near, server: far } : { client: far, server: near };
}

/** `.31:51402`: in one room only the end of an address differs. */
function ownAddress(local: Endpoint | null): string {
  if (!local) return "";
  const last = /^\d+\.\d+\.\d+(\.\d+)$/.exec(local.host)?.[1];
  return last ? `${last}:${local.port}` : formatEndpoint(local);
}
