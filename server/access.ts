/** Access codes: made, compared, exchanged for a cookie, and not guessed. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { CODE_ALPHABET, spokenCode } from "../shared/codes.ts";

const GROUPS = 3;
const GROUP_CHARACTERS = 4;
/** Wrong codes from one address: a class with its typing mistakes, and nobody who tries them all. */
const WRONG_BURST = 10;
const WRONG_REFILL_MS = 6_000;
const MAX_ADDRESSES = 10_000;
const MAX_COOKIES = 10_000;

export const ACCESS_COOKIE = "wireside_access";

/** 0 ms: the code is wrong. More: it was not even looked at, come back after that. */
export interface Refused {
  ok: false;
  retryAfterMs: number;
}
export type Tried = { ok: true } | Refused;
export type Redeemed = { ok: true; cookie: string } | Refused;

/** Three groups of four letters and digits: 59 bits. */
export function makeCode(): string {
  const group = () =>
    Array.from(
      { length: GROUP_CHARACTERS },
      () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)],
    ).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** One access code and the cookies that were given out for it. Times are of the clock `now`, in ms. */
export class Access {
  readonly code: string;
  readonly #codeDigest: Buffer;
  readonly #lifeMs: number;
  readonly #now: () => number;
  /** Hash of a cookie → when it expires. In the order of issue, so the first is the oldest. */
  readonly #cookies = new Map<string, number>();
  readonly #wrong = new Map<string, { tries: number; at: number }>();

  constructor(code: string, lifeMs: number, now: () => number) {
    this.code = code;
    this.#codeDigest = digest(spokenCode(code));
    this.#lifeMs = lifeMs;
    this.#now = now;
  }

  /**
   * Whether this is the code. Only wrong ones count against an address, wherever they are shown.
   * @param address what tries are counted for
   */
  tryCode(code: string, address: string): Tried {
    const wrong = this.#wrongTries(address);
    // Tries come back little by little, and a part of one is none.
    const missing = wrong - (WRONG_BURST - 1);
    if (missing > 0) return { ok: false, retryAfterMs: Math.ceil(missing * WRONG_REFILL_MS) };
    if (!this.#isCode(code)) {
      remember(this.#wrong, address, { tries: wrong + 1, at: this.#now() }, MAX_ADDRESSES);
      return { ok: false, retryAfterMs: 0 };
    }
    return { ok: true };
  }

  /** Exchanges the code for a cookie of 256 random bits. */
  redeem(code: string, address: string): Redeemed {
    const tried = this.tryCode(code, address);
    if (!tried.ok) return tried;
    const cookie = randomBytes(32).toString("base64url");
    remember(this.#cookies, hashed(cookie), this.#now() + this.#lifeMs, MAX_COOKIES);
    return { ok: true, cookie };
  }

  /** Who has this cookie: a name made from its hash, the same each time; null when it is not ours. */
  userOf(cookie: string): string | null {
    const hash = hashed(cookie);
    const expiresAt = this.#cookies.get(hash);
    if (expiresAt === undefined) return null;
    if (expiresAt > this.#now()) return hash;
    this.#cookies.delete(hash);
    return null;
  }

  /** Takes the same time for every wrong code: digests are compared whole. */
  #isCode(code: string): boolean {
    return timingSafeEqual(digest(spokenCode(code)), this.#codeDigest);
  }

  /** Wrong tries that have not been forgiven yet; one is every six seconds. */
  #wrongTries(address: string): number {
    const entry = this.#wrong.get(address);
    if (!entry) return 0;
    return Math.max(0, entry.tries - (this.#now() - entry.at) / WRONG_REFILL_MS);
  }
}

/** Stored cookies are hashes: who reads this memory or a log of it cannot come in with them. */
const hashed = (cookie: string) => digest(cookie).toString("base64url");

/** Sets a key as the newest, and forgets the oldest when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** The values of the access cookie in a Cookie header (RFC 6265 section 4.2.1); a path may add a second. */
export function accessCookies(header: string | undefined): string[] {
  return (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${ACCESS_COOKIE}=`))
    .map((pair) => pair.slice(ACCESS_COOKIE.length + 1))
    .slice(0, 4);
}
