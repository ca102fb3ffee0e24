/** Paths of Unix sockets (unix(7)): which ones are addresses here, and what is wrong with the rest. */

/** `sun_path` holds 108 bytes, the NUL that ends it among them. */
export const MAX_UNIX_PATH_BYTES = 107;

/** Control and invisible characters, and halves of surrogate pairs, which no file name can hold as UTF-8. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/**
 * What keeps a text from being the path of a Unix socket, as a sentence; null when nothing does.
 * Only one spelling of a path is taken, so that what is judged is what is connected to.
 */
export function unixPathProblem(path: string): string | null {
  if (path === "") return "The path is missing. Write unix:/run/example.sock, for example.";
  if (!path.startsWith("/")) {
    return "The path of a Unix socket begins with a slash here: unix:/run/example.sock.";
  }
  if (path.includes("\0")) return "A path cannot hold a NUL byte: it ends there for the kernel.";
  if (UNSHOWN.test(path)) return "The path holds a character that cannot be seen.";
  if (path.endsWith("/")) return "The path ends in a slash, so it names a directory, not a socket.";
  const segments = path.slice(1).split("/");
  if (segments.includes("")) return "The path has two slashes in a row. Write one.";
  if (segments.includes(".") || segments.includes("..")) {
    return "The path takes a detour through . or .. here. Write it without.";
  }
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > MAX_UNIX_PATH_BYTES) {
    return `The path is ${bytes} bytes long, and a Unix socket's address holds ${MAX_UNIX_PATH_BYTES}.`;
  }
  return null;
}
