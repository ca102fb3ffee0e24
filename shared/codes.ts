/** Codes that people read off a board and type. */

/** Without 0 O 1 I L, which look alike on a blackboard. */
export const CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** A code as it is spoken: case, spaces and hyphens do not matter. */
export const spokenCode = (code: string): string => code.toUpperCase().replace(/[\s-]/g, "");
