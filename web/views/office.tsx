/** The plan of the office: where you went, and what you met with. Solid is known, dashed is not. */
import type { ReactNode } from "react";
import type { Plan, PlanKind } from "../model/office.ts";

/** Characters of a name that fit beside the tables. */
const NAME_CHARACTERS = 18;
/** Middle of each row of tables, from the lowest up; the table that was asked for is the lowest. */
const ROWS = [228, 152, 76];
const TABLE = { x: 388, width: 104, height: 52 };

export function Office({ plan }: { plan: Plan }) {
  return (
    <svg className="office" viewBox="0 0 600 296" role="img" aria-label={plan.words}>
      {scenes[plan.kind](plan)}
      <Visitor />
    </svg>
  );
}

const scenes: Record<PlanKind, (plan: Plan) => ReactNode> = {
  refused: (plan) => (
    <>
      <Walls door="open" />
      <Sign plan={plan} />
      <Tables plan={plan}>
        <Table row={0} port={plan.port} className="wrong" dashed />
        <Seat row={0} className="wrong" />
      </Tables>
      <Way className="out" d="M50 140H250C320 140 316 216 356 216" />
      <SolidHead x={376} y={216} />
      <Way className="in" d="M372 240C300 240 310 166 236 166H68" />
      <OpenHead x={54} y={166} />
      <Legend />
    </>
  ),
  silent: (plan) => (
    <>
      <g transform="translate(80 0)">
        <Walls door="shut" dashed narrow />
        <Sign plan={plan} />
        <Table row={0} port={plan.port} className="calm" dashed />
        <text className="office-question" x={TABLE.x + TABLE.width / 2} y={150} textAnchor="middle">
          ?
        </text>
        <Words lines={["nobody home, or a door", "that stays shut:", "it looks the same"]} />
      </g>
      <Way className="out" d="M50 140H136" />
      <SolidHead x={156} y={140} />
    </>
  ),
  unreachable: (plan) => (
    <>
      <g transform="translate(80 0)">
        <Walls door="none" dashed narrow />
        <Sign plan={plan} title="No way to this office" />
        <Words lines={["the kernel or a router", "knows of no road here"]} />
      </g>
      <Way className="out" d="M50 140H116" />
      <Cross x={134} y={140} />
    </>
  ),
  "no-road": (plan) => (
    <>
      <g transform="translate(80 0)">
        <Walls door="none" dashed narrow />
        <Sign plan={plan} title="Another network" />
        <Words lines={["no road to it begins", "where the gateway stands"]} />
      </g>
      <Cross x={70} y={140} />
    </>
  ),
  "no-name": (plan) => <Directory plan={plan} answers />,
  "no-directory": (plan) => <Directory plan={plan} answers={false} />,
  reset: (plan) => (
    <>
      <Walls door="open" />
      <Sign plan={plan} />
      <Tables plan={plan}>
        <Table row={0} port={plan.port} className="ink" />
        <Seat row={0} className="calm" />
      </Tables>
      <Way className="in" d="M372 228C300 228 310 152 236 152H96" />
      <Cross x={76} y={152} />
      <text className="office-reset data" x={216} y={136} textAnchor="middle">
        RST
      </text>
      <Words lines={["you were in, and", "were thrown out"]} />
    </>
  ),
  "not-allowed": (plan) => (
    <>
      <Way className="out" d="M50 140H100" />
      <Cross x={120} y={140} />
      <path className="office-wall" d="M144 96V12H318V284H144V192" />
      <path className="office-door" d="M144 96V192" />
      <text className="office-name" x={166} y={44}>
        The gateway
      </text>
      <text className="office-words" x={166} y={236}>
        its own door
      </text>
      <text className="office-words" x={166} y={262}>
        stays shut
      </text>
      <path className="office-wall inferred" d="M342 12H588V284H342Z" />
      <text className="office-words" x={360} y={44}>
        nobody went to
      </text>
      <text className="office-number data" x={360} y={72}>
        {cut(plan.name, 15)}
      </text>
    </>
  ),
};

/** Names are looked up in a directory before any road is taken. */
function Directory({ plan, answers }: { plan: Plan; answers: boolean }) {
  return (
    <>
      <path className="office-wall" d="M220 12H580V284H220Z" />
      <path className="office-line" d="M436 12V284" />
      <text className="office-name" x={244} y={44}>
        The directory
      </text>
      <path className="office-line" d="M456 76H560M456 112H560M456 220H560M456 256H560" />
      <text className="office-number data" x={244} y={76}>
        {cut(plan.name, 12)}
      </text>
      <Way className="out" d="M50 140H186" />
      <SolidHead x={206} y={140} />
      {answers && <Way className="in" d="M208 166H68" />}
      {answers && <OpenHead x={54} y={166} />}
      <rect className="office-table wrong dashed" x={456} y={140} width={104} height={52} />
      <text className="office-words" x={244} y={236}>
        {answers ? "no such name" : "no answer"}
      </text>
      <text className="office-words" x={244} y={262}>
        {answers ? "is in it" : "from it"}
      </text>
    </>
  );
}

interface WallsProps {
  door: "open" | "shut" | "none";
  dashed?: boolean;
  narrow?: boolean;
}

function Walls({ door, dashed = false, narrow = false }: WallsProps) {
  const right = narrow ? 508 : 588;
  const wall = door === "none" ? `M88 12H${right}V284H88Z` : `M88 96V12H${right}V284H88V192`;
  return (
    <>
      <path className={dashed ? "office-wall inferred" : "office-wall"} d={wall} />
      {door === "open" && <path className="office-door" d="M88 96L56 58" />}
      {door === "shut" && <path className="office-door" d="M88 96V192" />}
    </>
  );
}

function Sign({ plan, title = "The office" }: { plan: Plan; title?: string }) {
  return (
    <>
      <text className="office-name" x={112} y={44}>
        {title}
      </text>
      <text className="office-number data" x={112} y={72}>
        {cut(plan.name, NAME_CHARACTERS)}
      </text>
      {plan.number && (
        <text className="office-number data" x={112} y={98}>
          {cut(plan.number, NAME_CHARACTERS)}
        </text>
      )}
    </>
  );
}

function Tables({ plan, children }: { plan: Plan; children: ReactNode }) {
  const top = (ROWS[plan.taken.length] ?? 76) - 38;
  return (
    <>
      <text className="office-words tables-are-ports" x={TABLE.x} y={top}>
        tables = ports
      </text>
      {plan.taken.toReversed().map((port, index) => (
        <g key={port}>
          <Table row={index + 1} port={port} className="ink" />
          <Person x={536} y={ROWS[index + 1] ?? 0} seated={false} />
        </g>
      ))}
      {children}
    </>
  );
}

interface TableProps {
  row: number;
  port: number;
  className: string;
  dashed?: boolean;
}

function Table({ row, port, className, dashed = false }: TableProps) {
  const middle = ROWS[row] ?? 0;
  return (
    <>
      <rect
        className={`office-table ${className}${dashed ? " dashed" : ""}`}
        x={TABLE.x}
        y={middle - TABLE.height / 2}
        width={TABLE.width}
        height={TABLE.height}
      />
      <text
        className={`office-port data ${className}`}
        x={TABLE.x + TABLE.width / 2}
        y={middle + 7}
        textAnchor="middle"
      >
        {port}
      </text>
    </>
  );
}

/** A place at a table where nobody sits, or nobody can be seen. */
function Seat({ row, className }: { row: number; className: string }) {
  return <circle className={`office-seat ${className}`} cx={536} cy={ROWS[row]} r={15} />;
}

function Person({ x, y, seated }: { x: number; y: number; seated: boolean }) {
  return (
    <g className={seated ? "office-visitor" : "office-person"} transform={`translate(${x} ${y})`}>
      <circle cx={0} cy={-9} r={8} />
      <path d="M-14 17V13A9 9 0 0 1 -5 4H5A9 9 0 0 1 14 13V17Z" />
    </g>
  );
}

function Visitor() {
  return (
    <>
      <Person x={30} y={138} seated />
      <text className="office-name" x={30} y={194} textAnchor="middle">
        you
      </text>
      <text className="office-words visitor-word" x={30} y={220} textAnchor="middle">
        visitor
      </text>
    </>
  );
}

function Words({ lines }: { lines: string[] }) {
  return (
    <>
      {lines.map((line, index) => (
        <text key={line} className="office-words" x={112} y={264 - (lines.length - 1 - index) * 26}>
          {line}
        </text>
      ))}
    </>
  );
}

function Legend() {
  return (
    <g className="office-legend">
      <Words lines={["consultant = server socket", "visitor = client socket"]} />
    </g>
  );
}

function Way({ className, d }: { className: string; d: string }) {
  return <path className={`office-way ${className}`} d={d} />;
}

function SolidHead({ x, y }: { x: number; y: number }) {
  return <path className="out" fill="currentColor" d={`M${x} ${y}l-16 -8v16z`} />;
}

function OpenHead({ x, y }: { x: number; y: number }) {
  return <path className="office-open-head in" d={`M${x} ${y}l16 -8v16z`} />;
}

function Cross({ x, y }: { x: number; y: number }) {
  return <path className="office-cross wrong" d={`M${x - 10} ${y - 10}l20 20m0 -20l-20 20`} />;
}

/** A long name keeps its beginning and its end, where the difference mostly is. */
function cut(name: string, most: number): string {
  if (name.length <= most) return name;
  const half = (most - 1) >> 1;
  return `${name.slice(0, most - 1 - half)}…${name.slice(-half)}`;
}
