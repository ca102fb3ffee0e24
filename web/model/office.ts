/** The plan of the office for a failure: a machine is an office, its ports are tables, you are the visitor. */
import type { ConversationState } from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { LinkStatus } from "./carrier.ts";
import { listening, sameMachine } from "./fixes.ts";

/** What the visitor met with. Failures that happened elsewhere have no plan rather than a wrong one. */
export type PlanKind =
  /** The machine answered: nobody sits at that table. */
  | "refused"
  /** The knock was not answered; why, nobody outside can tell. */
  | "silent"
  /** The road ends before the office. */
  | "unreachable"
  /** No road begins where the gateway stands. */
  | "no-road"
  /** The directory has no such name. */
  | "no-name"
  /** The directory did not answer. */
  | "no-directory"
  /** Inside, and thrown out. */
  | "reset"
  /** The gateway's own door stays shut. */
  | "not-allowed";

export interface Plan {
  kind: PlanKind;
  /** The machine as it was asked for, and its number where one was dialled. */
  name: string;
  number: string | null;
  /** The table that was asked for. */
  port: number;
  /** Tables of the same machine at which a server of the gateway sits. Only those are known. */
  taken: number[];
  /** The plan in words. */
  words: string;
}

/** Tables that are drawn beside the one that was asked for. */
const MOST_TAKEN = 2;

const beforeOpen: Partial<Record<FailureCode, PlanKind>> = {
  ECONNREFUSED: "refused",
  CONNECT_TIMEOUT: "silent",
  ETIMEDOUT: "silent",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "no-road",
  ENOTFOUND: "no-name",
  EAI_AGAIN: "no-directory",
  NOT_ALLOWED: "not-allowed",
};

/** The plan for a failure; null when none would be true. */
export function officePlan(
  code: FailureCode,
  state: ConversationState,
  servers: LinkStatus["servers"],
): Plan | null {
  const kind = kindOf(code, state);
  // A Unix socket is no table in an office: nobody has to walk anywhere.
  if (!kind || !state.address || state.transport === "unix") return null;
  const { host, port } = state.address;
  const number = state.remote && state.remote.host !== host ? state.remote.host : null;
  const plan = { kind, name: host, number, port, taken: taken(kind, host, number, port, servers) };
  return { ...plan, words: words(plan) };
}

function kindOf(code: FailureCode, state: ConversationState): PlanKind | null {
  if (state.openedAt === null) return beforeOpen[code] ?? null;
  return code === "ECONNRESET" && state.reset?.direction === "in" ? "reset" : null;
}

/** Inside can only be seen where the machine answered. */
function taken(
  kind: PlanKind,
  host: string,
  number: string | null,
  port: number,
  servers: LinkStatus["servers"],
): number[] {
  if (kind !== "refused" && kind !== "reset") return [];
  const there = listening(servers)
    .filter((one) => sameMachine(one.host, number ?? host) && one.port !== port)
    .map((one) => one.port);
  return [...new Set(there)].slice(0, MOST_TAKEN).sort((a, b) => a - b);
}

function words({ kind, name, port, taken }: Omit<Plan, "words">): string {
  const others = taken.length > 0 ? ` Somebody sits at ${taken.join(" and ")}.` : "";
  switch (kind) {
    case "refused":
      return `You walk into the office ${name} and to table ${port}. Nobody sits there, and you are sent back at once.${others}`;
    case "silent":
      return `You knock at the office ${name}, and nothing comes back. Whether anybody is inside cannot be seen.`;
    case "unreachable":
      return `The road to the office ${name} ends before it.`;
    case "no-road":
      return `No road to the office ${name} begins where the gateway stands.`;
    case "no-name":
      return `You ask the directory where ${name} is, and it knows no such name.`;
    case "no-directory":
      return `You ask the directory where ${name} is, and it does not answer.`;
    case "reset":
      return `You sat at table ${port} of the office ${name}, and were thrown out.${others}`;
    case "not-allowed":
      return `The gateway's own door stays shut: nobody sets out for ${name}.`;
  }
}
