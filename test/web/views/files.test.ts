/** Files over a real connection: how far ahead the page reads, files that change, and files that cannot be written. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { openAsBlob } from "node:fs";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Link } from "../../../web/link.ts";
import { Settings } from "../../../web/model/settings.ts";
import { Talk } from "../../../web/model/talk.ts";
import { saveArriving } from "../../../web/views/file-save.ts";
import { sendFile } from "../../../web/views/file-send.ts";
import { Transfer } from "../../../web/views/transfers.ts";
import { eventually } from "../../support/eventually.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { openLink, startWire, type Wire } from "../../support/wire.ts";

const MIB = 1024 * 1024;

let wire: Wire;
let far: TestServer;
let link: Link;
let talk: Talk;
let socket: Socket;
let folder: string;

beforeEach(async () => {
  wire = await startWire();
  far = await listenTcp();
  link = await openLink(wire);
  folder = await mkdtemp(join(tmpdir(), "wireside-files-"));
  talk = new Talk(link, new Settings(null));
  talk.connect(`tcp://127.0.0.1:${far.port}`);
  socket = await far.accepted();
  await when(() => talk.canSend);
});

afterEach(async () => {
  link.stop();
  await far.close();
  await wire.stop();
  await rm(folder, { recursive: true });
});

/** Resolves once something about the conversation holds. */
function when(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      unfollow();
      resolve();
    };
    const unfollow = talk.subscribe(look);
    look();
  });
}

/** A file on disk as the browser would give it. */
async function fileOf(bytes: Uint8Array): Promise<{ file: File; path: string }> {
  const path = join(folder, "a.bin");
  await writeFile(path, bytes);
  const file = Object.assign(await openAsBlob(path), { name: "a.bin" });
  return { file: file as unknown as File, path };
}

const transferOf = (kind: "sending" | "saving") => new Transfer(kind, "a.bin", null, () => {});
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("a file arrives byte for byte, and the page has at most a mebibyte and a half of it", async () => {
  const bytes = randomBytes(4 * MIB);
  const { file } = await fileOf(bytes);
  const read = createHash("sha256");
  let count = 0;
  let mostPending = 0;
  talk.subscribe(() => {
    mostPending = Math.max(mostPending, talk.pendingBytes);
  });
  socket.on("data", (data) => {
    read.update(data);
    count += data.length;
  });
  const transfer = transferOf("sending");
  expect(talk.take(transfer)).toBeNull();
  expect(talk.sendLine("between")).toBe("taken");
  await sendFile(talk, file, transfer, null);
  talk.release(transfer);
  await eventually(
    () => count,
    (all) => all === bytes.length,
  );
  expect(read.digest("hex")).toBe(hashOf(bytes));
  expect(transfer.progress.done).toBe(bytes.length);
  expect(mostPending).toBeGreaterThan(0);
  // A piece, and the half of one that may still wait when it is given: how much of that the gateway takes
  // at once is a matter of its speed.
  expect(mostPending).toBeLessThanOrEqual(1.5 * MIB);
  expect(talk.sendLine("after")).toBeNull();
});

test("a file that is changed meanwhile ends there, and the connection lives on", async () => {
  const bytes = randomBytes(8 * MIB);
  const { file, path } = await fileOf(bytes);
  let count = 0;
  const transfer = transferOf("sending");
  talk.take(transfer);
  const over = sendFile(talk, file, transfer, null);
  await appendFile(path, "more");
  socket.on("data", (data) => {
    count += data.length;
  });
  await over;
  talk.release(transfer);
  expect(transfer.progress.done).toBeLessThan(bytes.length);
  expect(talk.sendLine("still here")).toBeNull();
  await when(() => talk.pendingBytes === 0);
  await eventually(
    () => count,
    (all) => all === transfer.progress.done + "still here".length,
  );
});

test("what arrives is in the file before it is acknowledged, and the end ends it", async () => {
  const bytes = randomBytes(2 * MIB);
  const written: Uint8Array[] = [];
  let closed = false;
  const sink = {
    // A slow disk.
    write: (piece: Uint8Array) =>
      new Promise<void>((resolve) => {
        written.push(piece);
        setImmediate(resolve);
      }),
    close: () => {
      closed = true;
    },
  };
  const target = { name: "a.bin", open: async () => sink };
  const saved = saveArriving(talk, target, transferOf("saving"), null);
  expect(talk.diverted).toBe(true);
  socket.end(bytes);
  await saved;
  expect(closed).toBe(true);
  expect(hashOf(Buffer.concat(written))).toBe(hashOf(bytes));
  expect(talk.diverted).toBe(false);
});

test("a file that cannot be written ends the saving, and nobody waits for it", async () => {
  const full = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  const target = { name: "a.bin", open: async () => ({ write: full, close: () => {} }) };
  const saved = saveArriving(talk, target, transferOf("saving"), null);
  socket.write(Buffer.alloc(100_000));
  await saved;
  expect(talk.diverted).toBe(false);
  const before = talk.live?.state.receivedBytes ?? 0;
  socket.write("after");
  await when(() => (talk.live?.state.receivedBytes ?? 0) >= before + 5);
});

test("saving that begins before there is a connection takes the first bytes of the next", async () => {
  talk.reset();
  await once(socket, "close").catch(() => {});
  const written: Uint8Array[] = [];
  const sink = { write: (piece: Uint8Array) => void written.push(piece), close: () => {} };
  const target = { name: "a.bin", open: async () => sink };
  const saved = saveArriving(talk, target, transferOf("saving"), null);
  talk.connect();
  (await far.accepted()).end("welcome");
  await saved;
  expect(`${Buffer.concat(written)}`).toBe("welcome");
});
