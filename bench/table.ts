/** Medians of rounds as a table for people: one row a measure, one column a subject, and ratios. */

/** What one round found out about one subject. */
export interface Figures {
  p50: number;
  p99: number;
  downSpeed: number;
  downCpu: number;
  upSpeed: number;
  upCpu: number;
  connects: number;
  idleMemory: number;
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
  { key: "downSpeed", label: "down, throughput", unit: "MiB/s", digits: 0 },
  { key: "downCpu", label: "down, CPU", unit: "s/GiB", digits: 2 },
  { key: "upSpeed", label: "up, throughput", unit: "MiB/s", digits: 0 },
  { key: "upCpu", label: "up, CPU", unit: "s/GiB", digits: 2 },
  { key: "connects", label: "connections", unit: "1/s", digits: 0 },
  { key: "idleMemory", label: "idle connection", unit: "KiB", digits: 1 },
];

/**
 * One line a measure: `label  unit  median (lowest … highest)` for each subject, and each median
 * divided by the last subject's.
 */
export function table(names: string[], rounds: Figures[][]): string {
  const ratios = names.slice(0, -1).map((name) => (names.length > 2 ? `${name} ratio` : "ratio"));
  const head = ["", "", ...names, ...ratios];
  const body = ROWS.map((row) => {
    const columns = names.map((_, index) => rounds.map((round) => round[index]?.[row.key] ?? NaN));
    const base = median(columns.at(-1) ?? []);
    return [
      row.label,
      row.unit,
      ...columns.map((column) => cell(column, row.digits)),
      ...columns.slice(0, -1).map((column) => (median(column) / base).toFixed(2)),
    ];
  });
  return aligned([head, ...body]);
}

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
