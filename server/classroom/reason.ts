/** Why something failed, as an error that can be shown to people. */

/**
 * An error with something to read and nothing else: where both addresses of a name refuse, Node's own says
 * nothing, and that of an address that is none keeps it with its password.
 */
export function reasonOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const [first] = error instanceof AggregateError ? error.errors : [];
  return new Error(error.message || (first ? reasonOf(first).message : error.name));
}
