/** What other gateways wrote on the bus, read with care: it may be of another version. */
import * as v from "valibot";

/** @returns null when it is nothing we know. */
export function readJson<T extends v.GenericSchema>(
  schema: T,
  text: string,
): v.InferOutput<T> | null {
  try {
    const read = v.safeParse(schema, JSON.parse(text));
    return read.success ? read.output : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
