/** The neighbours of a failure to connect, side by side: which one it is shows by what the others are. */
import type { FailureCode } from "../../shared/errors.ts";

const neighbours = [
  { name: "Refused", of: ["ECONNREFUSED"], tells: "someone said no, at once." },
  { name: "Timed out", of: ["CONNECT_TIMEOUT", "ETIMEDOUT"], tells: "no answer at all." },
  {
    name: "Unreachable",
    of: ["EHOSTUNREACH", "ENETUNREACH"],
    tells: "no such machine.",
  },
] as const;

/** True for failures that have neighbours to be told from. */
export function hasContrast(code: FailureCode): boolean {
  return neighbours.some(({ of }) => of.some((one) => one === code));
}

export function Contrast({ code }: { code: FailureCode }) {
  return (
    <ul className="contrast" aria-label="How to tell these failures apart">
      {neighbours.map(({ name, of, tells }) => {
        const isThis = of.some((one) => one === code);
        return (
          <li key={name} aria-current={isThis ? "true" : undefined}>
            <strong>{`${name}: `}</strong>
            {tells}
          </li>
        );
      })}
    </ul>
  );
}
