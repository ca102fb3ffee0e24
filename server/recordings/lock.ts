/**
 * One gateway for one folder: a second would take the live files of the first for those of a crash. The lock
 * is a listening socket, because the kernel takes it back from a process that was killed.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { realpathSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMissing, RecordingsError } from "./problem.ts";

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes a folder for this process. It does not reach beyond the machine, nor beyond a container.
 * @throws {RecordingsError} when another process has it.
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const path = lockPath(realpathSync(folder));
  const server = (await taken(path)) ?? ((await isAbandoned(path)) ? await taken(path) : null);
  if (!server) {
    throw new RecordingsError(
      `Another gateway keeps its conversations in ${folder}: stop it, or give this one a directory of its own with --data.`,
    );
  }
  server.unref();
  return {
    async release() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

/** Linux's abstract sockets (unix(7)) and the pipes of Windows leave nothing behind in any folder. */
function lockPath(folder: string): string {
  const name = `wireside-${createHash("sha256").update(folder).digest("hex").slice(0, 32)}`;
  if (process.platform === "linux") return `\0${name}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** The listening server; null when the name is in use. */
async function taken(path: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  try {
    const listening = once(server, "listening");
    server.listen(path);
    await listening;
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return null;
    throw new RecordingsError(
      `The folder of the conversations cannot be locked: ${(error as Error).message}.`,
    );
  }
}

/** Where the lock is a file it outlives its process; then nobody accepts there, and it is removed. */
async function isAbandoned(path: string): Promise<boolean> {
  if (!path.endsWith(".sock")) return false;
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return false;
  } catch {
    try {
      unlinkSync(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return true;
  } finally {
    socket.destroy();
  }
}
