/** Names in the chat: as everywhere, and short. */
import { cleanName as clean } from "../../../shared/names.ts";

export { nameKey } from "../../../shared/names.ts";

const MAX_CHARACTERS = 20;

/** @returns the name to be shown, or null when nothing of it is left that could be read. */
export const cleanName = (text: string): string | null => clean(text, MAX_CHARACTERS);
