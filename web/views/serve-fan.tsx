/**
 * Who is connected to this server, as wires: solid to the socket when accepted, dashed to the door when
 * not. Datagrams are no wire: theirs are all dashed.
 */
import { serveWords } from "../model/serve-words.ts";

/** More wires than this are not told apart. */
const MOST = { accepted: 3, waiting: 2 };
const STEP = 14;
const JACK = { x: 136, r: 11 };

export interface FanProps {
  accepted: number;
  waiting: number;
  isUdp: boolean;
}

export function Fan({ accepted, waiting, isUdp }: FanProps) {
  const solid = Math.min(accepted, MOST.accepted);
  const dashed = Math.min(waiting, MOST.waiting);
  const height = 76;
  const top = (height - Math.max(0, solid + dashed - 1) * STEP) / 2;
  const jackY = solid > 0 ? top + ((solid - 1) * STEP) / 2 : height / 2;
  const doorTop = top + solid * STEP - 7;
  return (
    <svg
      className="fan"
      width="150"
      height={height}
      viewBox={`0 0 150 ${height}`}
      role="img"
      aria-label={`${accepted} ${serveWords(isUdp).connected}, ${waiting} at the door`}
    >
      {Array.from({ length: solid }, (_, i) => {
        const y = top + i * STEP;
        return (
          <g key={y}>
            <circle cx="6" cy={y} r="5" fill="currentColor" />
            <path
              d={`M6 ${y}H${84 + Math.abs(y - jackY) * 0.3}L${JACK.x - JACK.r} ${jackY}`}
              fill="none"
              stroke="currentColor"
              strokeWidth="2"
              strokeDasharray={isUdp ? "5 3" : undefined}
            />
          </g>
        );
      })}
      {Array.from({ length: dashed }, (_, i) => {
        const y = top + (solid + i) * STEP;
        return (
          <g key={y}>
            <circle cx="6" cy={y} r="5" fill="currentColor" />
            <path d={`M14 ${y}H88`} stroke="currentColor" strokeWidth="2" strokeDasharray="5 3" />
          </g>
        );
      })}
      {dashed > 0 && (
        <path className="fan-door" d={`M90 ${doorTop}v${dashed * STEP}`} strokeWidth="2" />
      )}
      <circle cx={JACK.x} cy={jackY} r={JACK.r} fill="none" stroke="currentColor" strokeWidth="3" />
    </svg>
  );
}
