/** The access code: taken from the address's fragment or typed, and changed for a cookie. */

/**
 * Takes `#t=CODE` out of the page's address, and out of the history with it, before anything else
 * can read it. What else stands in the fragment, such as the screen, stays.
 * @returns the code, or null when the address carries none.
 */
export function takeFragmentCode(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState" | "state">,
): string | null {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const code = parameters.get("t");
  if (code === null) return null;
  parameters.delete("t");
  const rest = parameters.toString().replace(/=(?=&|$)/g, "");
  const hash = rest === "" ? "" : `#${rest}`;
  history.replaceState(history.state, "", location.pathname + location.search + hash);
  return code === "" ? null : code;
}

/**
 * Presents a code to the gateway, which answers a right one with a cookie.
 * @param base the page's own address; `auth` lies beside it.
 * @returns what to tell the person, or null when the code was taken.
 */
export async function presentCode(code: string, base: string): Promise<string | null> {
  let response: Response;
  try {
    response = await fetch(new URL("auth", base), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : "no answer";
    return `The gateway cannot be reached (${why}).`;
  }
  if (response.ok) return null;
  if (response.status === 429) return "Too many tries. Wait a minute, then try again.";
  if (response.status === 401 || response.status === 403) return "That is not the code.";
  return `The gateway answered ${response.status}. Reload the page and try again.`;
}
