/** The bench runs whole with tiny sizes: every figure is there and can be true. How fast is not asked here. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { OptionError, readOptions } from "../../bench/options.ts";
import { median, table } from "../../bench/table.ts";
import { ROOT } from "../../scripts/lib/run.mjs";
import { Program } from "../support/programs.ts";

const BENCH = join(ROOT, "scripts/bench.mjs");
const TINY = ["--quick", "--rounds=1", "--mib=16", "--messages=50", "--connections=40"];
const MEASURES = [
  ["round trip, p50", "µs"],
  ["round trip, p99", "µs"],
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
  }, 120_000);

  test("says what it ran, on what machine, and with which Node", () => {
    expect(output).toContain("npm run bench -- --rounds 1 --mib 16 --messages 50 --connections 40");
    expect(output).toMatch(/^\d+ cores? \(.+\), /m);
    expect(output).toContain(`Node ${process.versions.node}`);
  });

  test.each(MEASURES)("shows %s in %s for both, above 0, and their ratio", (label, unit) => {
    const { wire, pipe, ratio } = row(output, label, unit);
    expect(wire).toBeGreaterThan(0);
    expect(pipe).toBeGreaterThan(0);
    expect(ratio).toBeGreaterThan(0);
  });

  test("shows what an idle connection costs in memory", () => {
    // A process that gave memory back meanwhile has a figure below 0, with so few connections.
    expect(row(output, "idle connection", "KiB").wire).toEqual(expect.any(Number));
  });

  test("has a p99 that is no shorter than the p50", () => {
    const [p50, p99] = [row(output, "round trip, p50", "µs"), row(output, "round trip, p99", "µs")];
    expect(p99.wire).toBeGreaterThanOrEqual(p50.wire);
    expect(p99.pipe).toBeGreaterThanOrEqual(p50.pipe);
  });
});

describe("the table", () => {
  test("shows the median with its extremes, and the ratio of the medians", () => {
    const figures = (p50: number) => ({
      p50,
      p99: 9,
      downSpeed: 1,
      downCpu: 1,
      upSpeed: 1,
      upCpu: 1,
      connects: 1,
      idleMemory: 1,
    });
    const rounds = [30, 10, 20].map((p50) => [figures(p50), figures(p50 / 2)]);
    const [, line] = table(["/wire", "bare pipe"], rounds).split("\n");
    expect(line).toMatch(/^round trip, p50 +µs +20 \(10 … 30\) +10 \(5 … 15\) +2\.00$/);
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

function row(output: string, label: string, unit: string) {
  const line = output.split("\n").find((text) => text.startsWith(`${label} `)) ?? "";
  const number = "(-?\\d+(?:\\.\\d+)?)";
  const column = `${number} \\(${number} … ${number}\\)`;
  const match = new RegExp(`^${label} +${unit} +${column} +${column} +${number}$`).exec(line);
  expect(match, `${label} in\n${output}`).not.toBeNull();
  const [wire = 0, , , pipe = 0, , , ratio = 0] = (match ?? []).slice(1).map(Number);
  return { wire, pipe, ratio };
}
