/** The title block: what both sockets are in, bytes each way, and the link that carries it all. */
import type { ReactNode } from "react";
import {
  type ConversationState,
  type Direction,
  type Role,
  type Side,
  sends,
} from "../../shared/conversation.ts";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { socketName } from "../model/ends.ts";
import { bytes, roundTrip } from "../model/format.ts";
import { linkWords } from "../model/status.ts";
import { ownSocket, plainSocket } from "../model/wire.ts";
import { AboutState } from "./about-lazy.tsx";
import type { Gateway } from "./gateway.ts";
import { Menu } from "./menu.tsx";
import { RecordMenu } from "./record-menu.tsx";
import { InArrow, OutArrow } from "./signs.tsx";
import { StateChip } from "./state-chip.tsx";
import { useFrames, useNow } from "./use-store.ts";
import { useTimeWait } from "./use-time-wait.ts";

const sources = {
  kernel: "As the kernel of the gateway's machine says",
  derived: "Worked out from the calls on your socket, because the kernel was not asked",
};

export function TitleBlock({ talk, gateway }: { talk: Dialogue; gateway: Gateway }) {
  useFrames(talk);
  useFrames(gateway);
  const { status } = gateway;
  const ticking = status.phase === "lost" || (status.phase === "live" && status.resumes === 0);
  const now = useNow(1000, ticking);
  const link = linkWords(status, Math.max(now, status.since));
  const state = talk.conversation?.state;
  const role = state?.role ?? talk.role;
  return (
    // F6 stops here, so that it can be read out.
    <footer className="status" data-region="status" data-region-focus="" tabIndex={-1}>
      <SocketCell
        name={socketName("near", role)}
        side="near"
        role={role}
        state={ownSocket(state ?? null)}
        plain={plainSocket(state ?? null)}
        socket={state?.kernel.near ?? null}
        live={talk.replay === null}
      />
      <SocketCell
        name={socketName("far", role)}
        side="far"
        role={role}
        state={state?.far ?? null}
        plain={plainFar(state ?? null)}
        socket={state?.kernel.far ?? null}
        live={talk.replay === null}
      />
      <Moved direction="out" role={role} state={state} />
      <Moved direction="in" role={role} state={state} />
      <Cell
        name="Round trip to gateway"
        title="From this page to the gateway and back"
        className="round-trip"
      >
        {status.roundTripMs === null ? "–" : roundTrip(status.roundTripMs)}
      </Cell>
      <Cell name="Link" more=" to gateway" className={`link-cell link-${link.tone}`}>
        {link.text}
      </Cell>
      <Cell
        name="Clock"
        title="Times are the gateway's, in seconds since connecting"
        className="clock"
      >
        gateway
      </Cell>
      <div className="cell record-cell">
        <p className="cell-name">Record</p>
        <RecordMenu talk={talk} />
      </div>
    </footer>
  );
}

interface MovedProps {
  direction: Direction;
  role: Role;
  state: ConversationState | undefined;
}

/** Bytes of a direction: its arrow is that of the wire, its name says whether this end sent them. */
function Moved({ direction, role, state }: MovedProps) {
  const own = direction === sends(role);
  return (
    <Cell name={own ? "Out" : "In"}>
      {direction === "out" ? <OutArrow /> : <InArrow />}
      {bytes((own ? state?.sentBytes : state?.receivedBytes) ?? 0)}
    </Cell>
  );
}

/** Without TCP the other end's socket is never seen; where nothing was made, there is none. */
function plainFar(state: ConversationState | null): string | null {
  if (plainSocket(state) === null) return null;
  return state?.phase === "failed" ? "none" : "not visible from here";
}

interface SocketCellProps {
  name: string;
  side: Side;
  /** Which end the page is. */
  role: Role;
  state: TcpState | null;
  /** What to say of it instead, where it has no states of TCP. */
  plain: string | null;
  /** What the kernel last said of it; null where the state is derived. */
  socket: KernelSocket | null;
  /** It happens now, and was not recorded. */
  live: boolean;
}

function SocketCell({ name, side, role, state, plain, socket, live }: SocketCellProps) {
  const left = useTimeWait(socket, live);
  if (plain !== null) return <Cell name={name}>{plain}</Cell>;
  const source = socket ? "kernel" : "derived";
  return (
    <Cell name={name} title={sources[source]} derived={!socket && state !== null}>
      {state === null ? (
        <StateChip state={null} />
      ) : (
        <Menu
          label={`${name}, ${state}: what does it mean?`}
          face={<StateChip state={state} />}
          className="chip-button"
        >
          {() => <AboutState state={state} side={side} role={role} seen={socket !== null} />}
        </Menu>
      )}
      {left !== null && <span className="cell-more">{`${left} s`}</span>}
      {socket !== null && socket.unread > 0 && (
        <span className="cell-more">{`${bytes(socket.unread)} unread`}</span>
      )}
    </Cell>
  );
}

interface CellProps {
  name: string;
  /** The rest of the name, where there is room for it. */
  more?: string;
  title?: string;
  derived?: boolean;
  className?: string;
  children: ReactNode;
}

export function Cell({ name, more, title, derived, className = "", children }: CellProps) {
  return (
    <div className={`cell ${className}`} title={title}>
      <p className="cell-name">
        {name}
        {more && <span className="link-more">{more}</span>}
        {derived && <span className="calm">, derived</span>}
      </p>
      <p className="cell-value data">{children}</p>
    </div>
  );
}
