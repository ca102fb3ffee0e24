/** The neighbours of a failure, side by side: which one it is shows by what the others are. */
import type { FailureCode } from "../../shared/errors.ts";

interface Neighbour {
  name: string;
  /** What the system calls it; said of the others only, because this one's stands beside them. */
  called: string;
  of: readonly FailureCode[];
  tells: string;
}

const groups: readonly (readonly Neighbour[])[] = [
  [
    {
      name: "Refused",
      called: "ECONNREFUSED",
      of: ["ECONNREFUSED"],
      tells: "someone said no, at once.",
    },
    {
      name: "Timed out",
      called: "ETIMEDOUT",
      of: ["CONNECT_TIMEOUT", "ETIMEDOUT"],
      tells: "no answer at all.",
    },
    {
      name: "Unreachable",
      called: "EHOSTUNREACH",
      of: ["EHOSTUNREACH", "ENETUNREACH"],
      tells: "no way leads there.",
    },
  ],
  [
    { name: "Hung up", called: "FIN", of: [], tells: "one direction ends, after its last byte." },
    {
      name: "Reset",
      called: "RST",
      of: ["ECONNRESET"],
      tells: "both are over at once, bytes may be lost.",
    },
  ],
  [
    { name: "Unknown name", called: "EAI_NONAME", of: ["ENOTFOUND"], tells: "it has no address." },
    {
      name: "No answer",
      called: "EAI_AGAIN",
      of: ["EAI_AGAIN"],
      tells: "the name server is silent.",
    },
  ],
];

function groupOf(code: FailureCode): readonly Neighbour[] | undefined {
  return groups.find((group) => group.some(({ of }) => of.includes(code)));
}

/** True for failures that have neighbours to be told from. */
export function hasContrast(code: FailureCode): boolean {
  return groupOf(code) !== undefined;
}

export function Contrast({ code }: { code: FailureCode }) {
  return (
    <ul className="contrast" aria-label="How to tell these failures apart">
      {groupOf(code)?.map(({ name, called, of, tells }) => {
        const isThis = of.includes(code);
        return (
          <li key={name} aria-current={isThis ? "true" : undefined}>
            <strong>{isThis ? `${name}: ` : name}</strong>
            {!isThis && <span className="data">{` ${called}`}</span>}
            {isThis ? tells : `: ${tells}`}
          </li>
        );
      })}
    </ul>
  );
}
