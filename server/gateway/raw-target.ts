/** Which target a URL of the raw endpoint names: `/websockify?token=NAME` and `/tcp/HOST:PORT`. */
import { type Address, parseAddress } from "../../shared/address.ts";

/** Paths below the base path. */
const BY_NAME = "websockify";
const BY_ADDRESS = "tcp/";

export type RawTarget = { by: "name"; name: string } | { by: "address"; text: string };

/** A target that goes by a name: a lesson server's, or one of `--allow NAME=HOST:PORT`. */
export interface NamedAddress {
  name: string;
  address: string;
}

/**
 * Reads a request's URL.
 * @returns null when it is no URL of the raw endpoint.
 */
export function rawTargetOf(url: string, basePath: string): RawTarget | null {
  const [path = "", query = ""] = url.split("?", 2);
  if (!path.startsWith(basePath)) return null;
  const rest = path.slice(basePath.length);
  if (rest.startsWith(BY_ADDRESS)) return { by: "address", text: decoded(rest.slice(4)) };
  if (rest === BY_NAME || rest === `${BY_NAME}/`) {
    return { by: "name", name: new URLSearchParams(query).get("token") ?? "" };
  }
  // Clients that drop the query (Debian's websockify client does) can put the name behind the path.
  if (rest.startsWith(`${BY_NAME}/`)) {
    return { by: "name", name: decoded(rest.slice(BY_NAME.length + 1)) };
  }
  return null;
}

/** What cannot be decoded stays as it is: then it is no host and no name either. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export type Resolved =
  | { ok: true; address: Address }
  | { ok: false; missing: boolean; problem: string };

/** The address of a target, by the names that are known now. */
export function resolveTarget(target: RawTarget, names: readonly NamedAddress[]): Resolved {
  if (target.by === "address") {
    const parsed = parseAddress(`tcp://${target.text}`);
    return parsed.ok ? parsed : { ok: false, missing: false, problem: parsed.problem };
  }
  const { name } = target;
  if (name === "") return { ok: false, missing: true, problem: "Say which target: ?token=NAME" };
  const found = names.find((it) => it.name === name);
  const parsed = found && parseAddress(found.address);
  if (parsed?.ok) return parsed;
  return { ok: false, missing: true, problem: "No target of this gateway has that name." };
}
