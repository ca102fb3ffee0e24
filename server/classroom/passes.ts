/**
 * What somebody who came in shows from then on. A pass says itself whose it is and until when, signed with
 * the key of the class: every gateway of the class can read it, and none has to remember it.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const ROLES = { teacher: "t", student: "s", watch: "w" } as const;
type PassRole = keyof typeof ROLES;

export interface Bearer {
  role: PassRole;
  /** Of a student; empty for others. */
  id: string;
}

const NONCE_BYTES = 12;
/** Role, id, when it ends (base 36), nonce, signature; base64url has no dot. */
const FORM = /^([tsw])\.([\w-]{0,40})\.([0-9a-z]{1,11})\.([\w-]{16})\.([\w-]{43})$/;

const sign = (key: string, text: string) => createHmac("sha256", key).update(text).digest();

/**
 * @param key of the class: 256 random bits, in any spelling.
 * @param expiresAt milliseconds since 1970.
 */
export function issuePass(key: string, { role, id }: Bearer, expiresAt: number): string {
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const text = `${ROLES[role]}.${id}.${Math.floor(expiresAt).toString(36)}.${nonce}`;
  return `${text}.${sign(key, text).toString("base64url")}`;
}

/** Whose pass this is; null when this class did not issue it, or it has expired. */
export function readPass(key: string, pass: string, now: number): Bearer | null {
  const [, letter, id = "", expires = "", , signature = ""] = FORM.exec(pass) ?? [];
  if (letter === undefined) return null;
  const signed = sign(key, pass.slice(0, pass.lastIndexOf(".")));
  const given = Buffer.from(signature, "base64url");
  // The last of 43 characters has two bits to spare: without this, four spellings would be one pass.
  if (given.toString("base64url") !== signature || !timingSafeEqual(signed, given)) return null;
  const role = (Object.keys(ROLES) as PassRole[]).find((name) => ROLES[name] === letter);
  if (!role || Number.parseInt(expires, 36) <= now) return null;
  return { role, id };
}
