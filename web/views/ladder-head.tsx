/** Over the lifelines: who each end is, and its sign, a plug or a jack. */
import { formatEndpoint } from "../../shared/address.ts";
import type { ConversationState } from "../../shared/conversation.ts";
import { columns as both, type Column, sideOf } from "../model/ends.ts";
import type { Columns } from "./ladder-columns.ts";
import { type Paint, pagePaint } from "./ladder-paint.ts";

export interface LadderHeadProps {
  state: ConversationState;
  columns: Columns;
  /** Pixels of one unit. */
  scale: number;
  /** What they are called where that is not said from this page's point of view. */
  names?: EndNames | undefined;
}

export type EndNames = Record<Column, EndName>;

/** What an end is called; `there` is false when the connection was never made. */
export interface EndName {
  name: string;
  note: string | null;
  there: boolean;
  /** Empty where it is not known. */
  address: string;
}

export function endName(state: ConversationState, column: Column): EndName {
  const side = sideOf(state.role, column);
  const { local, remote, address: asked } = state;
  const endpoint = side === "near" ? local : (remote ?? asked);
  const address = endpoint ? formatEndpoint(endpoint) : "";
  if (side === "near") return { name: `${column}, your socket`, note: null, there: true, address };
  if (state.phase === "failed") {
    const code = state.error?.code ?? "UNKNOWN";
    // TLS fails inside a connection that was made.
    if (code.startsWith("TLS_")) return { name: "server socket", note: null, there: true, address };
    const name = code === "ECONNREFUSED" ? "no socket" : "not reached";
    return { name, note: null, there: false, address };
  }
  const visible = state.farSeen || state.kernel.far !== null || state.openedAt === null;
  const note = visible ? null : "not visible from here";
  return { name: `${column} socket`, note, there: true, address };
}

export function LadderHead({ state, columns, scale, names }: LadderHeadProps) {
  const half = (columns.server - columns.client) / 2 - 6;
  const room = {
    client: 2 * Math.min(columns.client, half),
    server: 2 * Math.min(columns.width - columns.server, half),
  };
  return (
    <div className="ladder-head">
      {both.map((column) => {
        const { name, note, address } = names?.[column] ?? endName(state, column);
        return (
          <Name
            key={column}
            x={columns[column] * scale}
            room={room[column] * scale}
            name={note && columns.times === null ? column : name}
            {...(note ? { note } : {})}
          >
            {address}
          </Name>
        );
      })}
      <svg
        aria-hidden="true"
        width={columns.width * scale}
        height={18 * scale}
        viewBox={`0 0 ${columns.width} 18`}
      >
        <Ends columns={columns} paint={pagePaint} there={endName(state, "server").there} />
      </svg>
    </div>
  );
}

interface NameProps {
  /** Its middle, and how wide it may be, in pixels. */
  x: number;
  room: number;
  name: string;
  note?: string;
  children: string;
}

function Name({ x, room, name, note, children }: NameProps) {
  const cut = children.lastIndexOf(children.startsWith("/") ? "/" : ":");
  const kept = cut < 0 ? children.length : cut;
  return (
    <p className="ladder-name" style={{ left: x - room / 2, width: room }}>
      <span>
        {name}
        {note && <span className="calm">{`, ${note}`}</span>}
      </span>
      {/* A long address gives way, its port or its file's name does not. */}
      <span className="data" title={children}>
        <span>{children.slice(0, kept)}</span>
        <span>{children.slice(kept)}</span>
      </span>
    </p>
  );
}

export interface EndsProps {
  columns: Columns;
  paint: Paint;
  /** Somebody is at the server's end. */
  there: boolean;
}

/** A client end is a filled plug, a server end an open jack; dashed where nobody is. */
export function Ends({ columns, paint, there }: EndsProps) {
  return (
    <>
      <circle cx={columns.client} cy="9" r="7.5" fill={paint.ink} />
      <circle
        cx={columns.server}
        cy="9"
        r="7"
        fill="none"
        stroke={there ? paint.ink : paint.error}
        strokeWidth={there ? 2.5 : 2}
        strokeDasharray={there ? undefined : "4.3 3"}
      />
    </>
  );
}
