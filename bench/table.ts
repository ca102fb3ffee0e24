/** Medians of rounds as tables for people: one row a measure, one column a subject; then the ratios that were promised. */

/** What one round found out about one subject. */
export interface Figures {
  p50: number;
  p99: number;
  echoCpu: number;
  burst: number;
  burstCpu: number;
  downSpeed: number;
  downCpu: number;
  upSpeed: number;
  upCpu: number;
  connects: number;
  idleMemory: number;
  stalled: number;
}

interface Row {
  key: keyof Figures;
  label: string;
  unit: string;
  digits: number;
}

const ROWS: Row[] = [
  { key: "p50", label: "round trip, p50", unit: "µs", digits: 0 },
  { key: "p99", label: "round trip, p99", unit: "µs", digits: 0 },
  { key: "echoCpu", label: "round trip, CPU", unit: "µs", digits: 0 },
  { key: "burst", label: "small messages", unit: "1/s", digits: 0 },
  { key: "burstCpu", label: "small messages, CPU", unit: "µs", digits: 1 },
  { key: "downSpeed", label: "down, throughput", unit: "MiB/s", digits: 0 },
  { key: "downCpu", label: "down, CPU", unit: "s/GiB", digits: 2 },
  { key: "upSpeed", label: "up, throughput", unit: "MiB/s", digits: 0 },
  { key: "upCpu", label: "up, CPU", unit: "s/GiB", digits: 2 },
  { key: "connects", label: "connections", unit: "1/s", digits: 0 },
  { key: "idleMemory", label: "idle connection", unit: "KiB", digits: 1 },
  { key: "stalled", label: "stopped reader", unit: "MiB", digits: 1 },
];

/** What one subject's median, divided by another's, is to be. Without a base: the median itself. */
interface Target {
  subject: string;
  base: string | null;
  key: keyof Figures;
  sign: "≤" | "≥";
  bound: number;
}

const most = (subject: string, base: string | null, key: keyof Figures, bound: number): Target => ({
  subject,
  base,
  key,
  sign: "≤",
  bound,
});

const TARGETS: Target[] = [
  most("raw", "websockify", "downCpu", 0.85),
  most("raw", "websockify", "upCpu", 0.45),
  most("raw", "websockify", "burstCpu", 0.6),
  most("raw", "websockify", "echoCpu", 0.6),
  { subject: "raw", base: "websockify", key: "connects", sign: "≥", bound: 3.5 },
  most("raw", "websockify", "idleMemory", 1 / 40),
  most("raw", "bare pipe", "downCpu", 0.75),
  most("raw", "bare pipe", "upCpu", 1),
  most("raw", "bare pipe", "burstCpu", 1.05),
  most("raw", "bare pipe", "echoCpu", 1.05),
  most("raw", "bare pipe", "p50", 1.1),
  most("raw", "bare pipe", "idleMemory", 1.6),
  most("raw", null, "stalled", 4),
  most("/wire", "bare pipe", "downCpu", 0.8),
  most("/wire", "bare pipe", "p50", 1.3),
];

/** One line a measure: `label  unit  median (lowest … highest)` for each subject. */
export function table(names: string[], rounds: Figures[][]): string {
  const body = ROWS.map(({ key, label, unit, digits }) => [
    label,
    unit,
    ...names.map((_, index) => cell(columnOf(rounds, index, key), digits)),
  ]);
  return aligned([["", "", ...names], ...body]);
}

/** One line a target: the ratio of two medians, what it is to be, and whether it is. */
export function ratios(names: string[], rounds: Figures[][]): string {
  const medianOf = (name: string, key: keyof Figures) =>
    median(columnOf(rounds, names.indexOf(name), key));
  const lines = TARGETS.flatMap(({ subject, base, key, sign, bound }) => {
    if (!names.includes(subject) || (base !== null && !names.includes(base))) return [];
    const value = medianOf(subject, key) / (base === null ? 1 : medianOf(base, key));
    const met = sign === "≤" ? value <= bound : value >= bound;
    const row = ROWS.find((it) => it.key === key);
    const what = base === null ? `${subject}, ${row?.unit}` : `${subject} to ${base}`;
    const show = (number: number) => number.toFixed(Math.abs(number) < 0.1 ? 3 : 2);
    return [
      [row?.label ?? key, what, show(value), `${sign} ${show(bound)}`, met ? "met" : "MISSED"],
    ];
  });
  return aligned([["ratio of medians", "", "", "target", ""], ...lines]);
}

const columnOf = (rounds: Figures[][], index: number, key: keyof Figures): number[] =>
  rounds.map((round) => round[index]?.[key] ?? Number.NaN);

function cell(values: number[], digits: number): string {
  const show = (value: number) => value.toFixed(digits);
  return `${show(median(values))} (${show(Math.min(...values))} … ${show(Math.max(...values))})`;
}

/** The middle value; of an even number, the mean of the middle two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

/** Columns as wide as their widest entry; all but the first two are numbers and end together. */
function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((text, column) => {
          const width = widths[column] ?? 0;
          return column < 2 ? text.padEnd(width) : text.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
