/** The bench runs whole with tiny sizes: every figure is there and can be true. How fast is not asked here. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { OptionError, readOptions } from "../../bench/options.ts";
import { type Figures, median, ratios, table } from "../../bench/table.ts";
import { ROOT } from "../../scripts/lib/run.mjs";
import { Program } from "../support/programs.ts";

const BENCH = join(ROOT, "scripts/bench.mjs");
const TINY = ["--quick", "--rounds=1", "--mib=16", "--messages=50", "--connections=40"];
const MEASURES = [
  ["round trip, p50", "µs"],
  ["round trip, p99", "µs"],
  ["small messages", "1/s"],
  ["down, throughput", "MiB/s"],
  ["down, CPU", "s/GiB"],
  ["up, throughput", "MiB/s"],
  ["up, CPU", "s/GiB"],
  ["connections", "1/s"],
] as const;

describe("npm run bench with tiny sizes", () => {
  let output = "";
  beforeAll(async () => {
    const bench = new Program(process.execPath, [BENCH, ...TINY]);
    const { code } = await bench.ended;
    output = bench.output;
    expect(code, output).toBe(0);
  }, 300_000);

  test("says what it ran, on what machine, and with which Node", () => {
    expect(output).toContain("npm run bench -- --rounds 1 --mib 16 --messages 50 --connections 40");
    expect(output).toMatch(/^\d+ cores? \(.+\), /m);
    expect(output).toContain(`Node ${process.versions.node}`);
  });

  test.each(MEASURES)("shows %s in %s for everybody, above 0", (label, unit) => {
    for (const value of row(output, label, unit)) expect(value).toBeGreaterThan(0);
  });

  test.each([
    ["idle connection", "KiB"],
    ["stopped reader", "MiB"],
  ])("shows what %s costs in memory", (label, unit) => {
    // A process that gave memory back meanwhile has a figure below 0, with so few connections.
    for (const value of row(output, label, unit)) expect(value).toEqual(expect.any(Number));
  });

  test("has a p99 that is no shorter than the p50", () => {
    const [p50, p99] = [row(output, "round trip, p50", "µs"), row(output, "round trip, p99", "µs")];
    for (const [index, value] of p99.entries()) {
      expect(value).toBeGreaterThanOrEqual(p50[index] ?? Number.NaN);
    }
  });

  test("says of each ratio what it is to be, and whether it is", () => {
    const line = String.raw`\d+\.\d+ +≤ \d+\.\d+ +(?:met|MISSED)$`;
    expect(output).toMatch(new RegExp(`^down, CPU +raw to bare pipe +${line}`, "m"));
    expect(output).toMatch(new RegExp(`^round trip, p50 +/wire to bare pipe +${line}`, "m"));
  });
});

describe("the table", () => {
  const figures = (p50: number): Figures => ({
    p50,
    p99: 9,
    echoCpu: 1,
    burst: 1,
    burstCpu: 1,
    downSpeed: 1,
    downCpu: 1,
    upSpeed: 1,
    upCpu: 1,
    connects: 1,
    idleMemory: 1,
    stalled: 1,
  });
  const rounds = [30, 10, 20].map((p50) => [figures(p50), figures(p50 / 2)]);

  test("shows the median with its extremes", () => {
    const [, line] = table(["/wire", "bare pipe"], rounds).split("\n");
    expect(line).toMatch(/^round trip, p50 +µs +20 \(10 … 30\) +10 \(5 … 15\)$/);
  });

  test("shows the ratio of the medians, and that it is not as promised", () => {
    const lines = ratios(["/wire", "bare pipe"], rounds).split("\n");
    expect(lines.at(-1)).toMatch(/^round trip, p50 +\/wire to bare pipe +2\.00 +≤ 1\.30 +MISSED$/);
    // Nothing is said of what was not measured.
    expect(lines.join()).not.toContain("websockify");
  });

  test("takes the mean of the middle two of an even number of rounds", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([5])).toBe(5);
  });
});

describe("the flags", () => {
  test.each([["--rounds", "0"], ["--mib", "many"], ["--fast"], ["--messages=-1"]])(
    "%s %s is refused with a sentence",
    (...args) => {
      expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow(OptionError);
    },
  );

  test("a size of its own wins over those of --quick", () => {
    expect(readOptions(["--quick", "--mib", "7"])).toMatchObject({ mebibytes: 7, rounds: 3 });
  });
});

/** The medians in a line, one for each subject. */
function row(output: string, label: string, unit: string): number[] {
  const line = output.split("\n").find((text) => text.startsWith(`${label} `)) ?? "";
  const cell = String.raw` +(-?\d+(?:\.\d+)?) \(-?\d+(?:\.\d+)? … -?\d+(?:\.\d+)?\)`;
  expect(line, `${label} in\n${output}`).toMatch(new RegExp(`^${label} +${unit}(?:${cell}){3,}$`));
  return [...line.matchAll(new RegExp(cell, "g"))].map(([, median]) => Number(median));
}
