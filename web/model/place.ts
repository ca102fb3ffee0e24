/** Which screen the page's address asks for: `#serve`, `#class`, `#talk`, or `#talk=tcp://host:port`. */
import type { ClassRole } from "../../shared/classroom.ts";

export type ScreenId = "talk" | "serve" | "class";

/** The screens of a page, by who looks at it; the first is where it begins. */
export const screensOf: Record<ClassRole, readonly [ScreenId, ...ScreenId[]]> = {
  owner: ["talk", "serve"],
  student: ["talk", "serve"],
  teacher: ["class", "talk", "serve"],
  watch: ["class"],
};

export interface Place {
  screen: ScreenId;
  /** What Talk is to be filled in with; nothing is dialled because of it. */
  address: string | null;
}

/** Longest address that a link may carry; longer than any that can be dialled. */
const LONGEST_ADDRESS = 300;

/**
 * @param hash of the page's address, with its `#`.
 * @param home where anything unknown leads.
 */
export function readPlace(hash: string, home: ScreenId = "talk"): Place {
  const parameters = new URLSearchParams(hash.slice(1));
  for (const screen of ["serve", "class"] as const)
    if (parameters.has(screen)) return { screen, address: null };
  if (!parameters.has("talk")) return { screen: home, address: null };
  const address = parameters.get("talk")?.trim() ?? "";
  const usable = address !== "" && address.length <= LONGEST_ADDRESS;
  return { screen: "talk", address: usable ? address : null };
}

/**
 * A link that opens a page with an address filled in.
 * @param page of the gateway, without a fragment: `http://127.0.0.1:8080/`.
 */
export function talkLink(page: string, address: string): string {
  // Nothing in an address needs to be escaped in a fragment but what parameters are made of.
  return `${page}#talk=${address.replace(/[%&+#\s]/g, encodeURIComponent)}`;
}
