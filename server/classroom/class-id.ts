/** The name of a class as it can stand in a key: the same for the same name, however it is capitalised and spaced. */
import { createHash } from "node:crypto";

const MAX_CHARACTERS = 24;
const DIGEST_CHARACTERS = 10;

/**
 * Letters, digits and hyphens only: nothing that ends a hash tag of a Redis key, no separator, no control
 * character. The digest keeps names apart whose letters are not among those.
 */
export function classIdOf(name: string): string {
  const spoken = name.normalize("NFKC").trim().toLowerCase().replace(/\s+/g, " ");
  const readable = spoken.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const digest = createHash("sha256").update(spoken).digest("hex").slice(0, DIGEST_CHARACTERS);
  return `${readable.slice(0, MAX_CHARACTERS) || "class"}-${digest}`;
}
