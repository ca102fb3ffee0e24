/** Why conversations cannot be kept, in sentences for whoever starts the gateway and for the teacher. */

/** The directory of --data cannot be used. The message is one sentence that says what to do. */
export class RecordingsError extends Error {
  readonly code = "BAD_DATA_DIRECTORY";
}

/** What keeping stops for. The first is ours: bytes come faster than the disk takes them. */
export const TOO_SLOW = "TOO_SLOW";

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? "";

/** The error of a call on the directory, in words. */
export function directoryProblem(error: unknown, directory: string): RecordingsError {
  const code = codeOf(error);
  const where = `Conversations cannot be kept in ${directory}`;
  switch (code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new RecordingsError(
        `${where}, because this user may not write there: give the right to, or choose another directory with --data.`,
      );
    case "ENOTDIR":
    case "EEXIST":
      return new RecordingsError(
        `${where}, because that is not a directory: choose another with --data.`,
      );
    case "ENOSPC":
    case "EDQUOT":
      return new RecordingsError(
        `${where}, because the disk is full: make room, or choose another directory with --data.`,
      );
    default:
      return new RecordingsError(`${where}: ${(error as Error).message}.`);
  }
}

/** What the teacher is told when conversations are no longer kept to their end. */
export function keepingProblem(code: string): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "The disk is full: not every conversation is kept to its end.";
    case TOO_SLOW:
      return "The disk is too slow: not every conversation is kept to its end.";
    case "ENOENT":
      return "The files of this class were moved or deleted: not every conversation is kept to its end.";
    default:
      return `The disk does not take what is written (${code || "unknown error"}): not every conversation is kept to its end.`;
  }
}

/** No descriptor was free: that passes, and nothing has been written yet. */
export const isPassing = (error: unknown) => ["EMFILE", "ENFILE", "EAGAIN"].includes(codeOf(error));
/** What was to be removed is gone already. */
export const isMissing = (error: unknown) => codeOf(error) === "ENOENT";
