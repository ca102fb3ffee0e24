/** The bench's flags: how much to measure, and what. */
import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Each of them measures everything once on every subject; the table shows medians. */
  rounds: number;
  /** No round that would take longer than this in all is begun, after the third. */
  limitSeconds: number;
  /** Carried each way in a round. */
  mebibytes: number;
  /** Round trips in a round. */
  messages: number;
  /** Made, and then held idle, in a round. */
  connections: number;
  /** Another built gateway (`…/main.js`) to measure beside this one. */
  against?: string | undefined;
  /** Names of the subjects to measure; undefined: all of them. */
  only?: string[] | undefined;
  /** Folder for CPU profiles of the measured processes. */
  profile?: string | undefined;
}

const FULL: BenchOptions = {
  rounds: 5,
  limitSeconds: 80,
  mebibytes: 256,
  messages: 3000,
  connections: 300,
};
const QUICK: BenchOptions = {
  rounds: 3,
  limitSeconds: 18,
  mebibytes: 48,
  messages: 500,
  connections: 50,
};

export const HELP = `Usage: npm run bench -- [flags]

  --quick            small sizes: under 30 s instead of a few minutes
  --rounds N         measure everything N times and show medians (default: ${FULL.rounds}, fewer on a slow
                     machine; quick: ${QUICK.rounds})
  --mib N            MiB carried each way in a round (default: ${FULL.mebibytes}; quick: ${QUICK.mebibytes})
  --messages N       round trips in a round (default: ${FULL.messages}; quick: ${QUICK.messages})
  --connections N    connections made in a round (default: ${FULL.connections}; quick: ${QUICK.connections})
  --against FILE     measure another built gateway (its main.js) in the same rounds
  --only NAMES       measure these subjects only: raw,/wire,websockify,bare pipe
  --profile FOLDER   write a CPU profile of each measured process there
`;

/** A flag nobody can read; `message` says which. */
export class OptionError extends Error {
  readonly code = "BAD_OPTION";
}

/**
 * Reads the flags.
 * @returns null when help is asked for.
 * @throws {OptionError} when a flag is unknown or its value is no positive number.
 */
export function readOptions(args: string[]): BenchOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const base = values.quick ? QUICK : FULL;
  return {
    rounds: positive("rounds", values.rounds, base.rounds),
    limitSeconds: values.rounds === undefined ? base.limitSeconds : Number.POSITIVE_INFINITY,
    mebibytes: positive("mib", values.mib, base.mebibytes),
    messages: positive("messages", values.messages, base.messages),
    connections: positive("connections", values.connections, base.connections),
    against: values.against,
    only: values.only?.split(","),
    profile: values.profile,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: "boolean", short: "h" },
        quick: { type: "boolean" },
        rounds: { type: "string" },
        mib: { type: "string" },
        messages: { type: "string" },
        connections: { type: "string" },
        against: { type: "string" },
        only: { type: "string" },
        profile: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

function positive(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new OptionError(`--${flag} takes a whole number above 0, not ${text}.`);
  }
  return Number(text);
}
