/** Coming in: codes taken from the address's fragment or typed, changed for a cookie; and who this browser is. */
import { AuthNow, JoinRefused } from "../shared/classroom.ts";
import { parseMessage } from "../shared/protocol.ts";
import type { NotJoined } from "./model/join.ts";

/** A question that is not answered for so long is asked again, in milliseconds. */
const LONGEST_ANSWER_MS = 10_000;
/** Between an answer that is none and the next question, in milliseconds. */
const ASK_AGAIN_MS = 1_000;
const pause = () => new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));

/**
 * Takes a code out of the page's address, and out of the history with it, before anything else can
 * read it. What else stands in the fragment, such as the screen, stays.
 * @param name `t` of an access code or of a teacher's link, `join` of a class's code.
 * @returns the code, or null when the address carries none.
 */
export function takeFragmentCode(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState" | "state">,
  name: "t" | "join" = "t",
): string | null {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const code = parameters.get(name);
  if (code === null) return null;
  parameters.delete(name);
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
  try {
    return wordsFor(await present(code, base));
  } catch (error) {
    const why = error instanceof Error ? error.message : "no answer";
    return `The gateway cannot be reached (${why}).`;
  }
}

/**
 * The same until there is an answer. The code of a link is in the page's address no longer: a request that got
 * lost must not lose it.
 * @param unanswered called after each request that came to nothing.
 */
export async function presentCodeUntilAnswered(
  code: string,
  base: string,
  unanswered: () => void,
): Promise<string | null> {
  for (;;) {
    const answer = await present(code, base).catch(() => null);
    // A proxy before a gateway that is not there says so with 502 or the like.
    if (answer && answer.status < 500) return wordsFor(answer);
    unanswered();
    await pause();
  }
}

function present(code: string, base: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ code });
  return inTime((signal) =>
    fetch(new URL("auth", base), { method: "POST", headers, body, signal }),
  );
}

/** Gives a request up that is not answered for too long. */
async function inTime<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(), LONGEST_ANSWER_MS);
  try {
    return await request(tooLong.signal);
  } finally {
    clearTimeout(timer);
  }
}

function wordsFor(response: Response): string | null {
  if (response.ok) return null;
  if (response.status === 429) return "Too many tries. Wait a minute, then try again.";
  if (response.status === 401 || response.status === 403) return "That is not the code.";
  return `The gateway answered ${response.status}. Reload the page and try again.`;
}

/**
 * Asks who this browser is to the gateway.
 * @param base the page's own address; `auth` lies beside it.
 * @returns null when there was no answer, or none that is understood.
 */
export async function askAuth(base: string): Promise<AuthNow | null> {
  try {
    return await inTime(async (signal) => {
      const response = await fetch(new URL("auth", base), { cache: "no-store", signal });
      return response.ok ? parseMessage(AuthNow, await response.text()) : null;
    });
  } catch {
    return null;
  }
}

/**
 * The same until it is known. Which page this is depends on it: a student's says who looks on, and a
 * request that got lost must not make another page of it.
 * @param unanswered called after each question that came to nothing.
 */
export async function askAuthUntilKnown(base: string, unanswered: () => void): Promise<AuthNow> {
  for (;;) {
    const known = await askAuth(base);
    if (known) return known;
    unanswered();
    await pause();
  }
}

/**
 * Joins the class as a student: a right code and a free name are answered with a cookie.
 * @param base the page's own address; `join` lies beside it.
 * @returns why not, or null when this browser is in.
 */
export async function joinClass(
  code: string,
  name: string,
  base: string,
): Promise<NotJoined | null> {
  let response: Response;
  try {
    response = await fetch(new URL("join", base), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code, name }),
    });
  } catch (error) {
    const detail = error instanceof Error ? error.message : "no answer";
    return { problem: "unreachable", detail };
  }
  if (response.ok) return null;
  try {
    return parseMessage(JoinRefused, await response.text());
  } catch {
    // Something else than the gateway, such as a proxy, has answered.
    return { problem: "unexpected", detail: `${response.status}` };
  }
}
