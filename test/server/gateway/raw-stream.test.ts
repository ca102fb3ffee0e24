/** The raw endpoint under load and at its ends: every byte, once, in order, and bounded memory. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settled } from "../../support/eventually.ts";
import { type GatewayProcess, LITTLE_GARBAGE, startGatewayProcess } from "../../support/gateway.ts";
import { residentBytes } from "../../support/levels.ts";
import { RawClient } from "../../support/raw-client.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";

const MIB = 1024 * 1024;
/** Once in each direction; more than all buffers on the way hold would do. */
const LARGE_MIB = 64;
/** More than the kernel's queues and ours hold together. */
const ENOUGH_MIB = 24;
/** More than the kernel's buffers of two connections grow to (tcp_rmem, tcp_wmem in tcp(7)). */
const MUCH_MIB = 80;
const MAY_GROW_BYTES = 4 * MIB;

const block = randomBytes(MIB);

function hashOf(mebibytes: number): string {
  const hash = createHash("sha256");
  for (let i = 0; i < mebibytes; i++) hash.update(block);
  return hash.digest("hex");
}

describe("a gateway process", () => {
  let gateway: GatewayProcess;
  let far: TestServer;

  beforeAll(async () => {
    gateway = await startGatewayProcess(["--shutdown-timeout", "5s"], { env: LITTLE_GARBAGE });
    far = await listenTcp();
  });
  afterAll(async () => {
    await gateway.stop("SIGKILL");
    await far.close();
  });

  const open = async () => {
    const client = await RawClient.open(
      `${gateway.url.replace("http", "ws")}tcp/127.0.0.1:${far.port}`,
    );
    client.keeping = false;
    return { client, socket: await far.accepted() };
  };

  /** So much from the target, and FIN. @param stopped done before the end is waited for. */
  async function down(
    mebibytes: number,
    stopped: (client: RawClient) => Promise<void>,
  ): Promise<string> {
    const { client, socket } = await open();
    const hash = createHash("sha256");
    client.onBytes = (bytes) => hash.update(bytes);
    for (let i = 0; i < mebibytes; i++) socket.write(block);
    socket.end();
    await stopped(client);
    expect(await client.closed).toEqual({ code: 1000, reason: "Target closed" });
    return hash.digest("hex");
  }

  it("carries 64 MiB down, equal in every byte, and then closes with 1000", async () => {
    expect(await down(LARGE_MIB, async () => {})).toBe(hashOf(LARGE_MIB));
  });

  it("carries 64 MiB up, equal in every byte, and FIN after the client's close frame", async () => {
    const { client, socket } = await open();
    const hash = createHash("sha256");
    const ended = once(socket, "end");
    socket.on("data", (bytes) => hash.update(bytes));
    for (let i = 0; i < LARGE_MIB; i++) client.ws.send(block);
    client.ws.close(1000);
    await ended;
    expect(hash.digest("hex")).toBe(hashOf(LARGE_MIB));
    socket.end();
    expect((await client.closed).code).toBe(1000);
  });

  it("grows by at most 4 MiB for a client that stops reading, which then gets every byte", async () => {
    const before = residentBytes(gateway.child.pid);
    let most = 0;
    const hash = await down(ENOUGH_MIB, async (client) => {
      client.ws.pause();
      await settled(() => {
        const now = residentBytes(gateway.child.pid);
        most = Math.max(most, now);
        return Math.round(now / MIB);
      });
      client.ws.resume();
    });
    expect(most - before).toBeLessThan(MAY_GROW_BYTES);
    expect(hash).toBe(hashOf(ENOUGH_MIB));
  });

  it("makes the client wait for a target that stops reading, and grows by at most 4 MiB", async () => {
    const { client, socket } = await open();
    socket.pause();
    const before = residentBytes(gateway.child.pid);
    for (let i = 0; i < MUCH_MIB; i++) client.ws.send(block);
    const waiting = await settled(() => client.ws.bufferedAmount);
    expect(waiting).toBeGreaterThan(MIB);
    expect(residentBytes(gateway.child.pid) - before).toBeLessThan(MAY_GROW_BYTES);
    const hash = createHash("sha256");
    let count = 0;
    const all = new Promise<void>((resolve) => {
      socket.on("data", (bytes) => {
        hash.update(bytes);
        count += bytes.length;
        if (count === MUCH_MIB * MIB) resolve();
      });
    });
    socket.resume();
    await all;
    expect(hash.digest("hex")).toBe(hashOf(MUCH_MIB));
    client.ws.terminate();
  });

  it("carries both ways at once", async () => {
    const { client, socket } = await open();
    socket.pipe(socket);
    const hash = createHash("sha256");
    const all = new Promise<void>((resolve) => {
      client.onBytes = (bytes) => {
        hash.update(bytes);
        if (client.bytes === ENOUGH_MIB * MIB) resolve();
      };
    });
    for (let i = 0; i < ENOUGH_MIB; i++) client.ws.send(block);
    await all;
    expect(hash.digest("hex")).toBe(hashOf(ENOUGH_MIB));
    client.ws.close();
    await client.closed;
  });

  it("delivers a reply, 1 MiB and FIN to a client that reads late: every byte, then 1000", async () => {
    const { client, socket } = await open();
    client.ws.pause();
    socket.write("closed\n");
    socket.end(block);
    await once(socket, "finish");
    client.keeping = true;
    client.ws.resume();
    expect(await client.closed).toEqual({ code: 1000, reason: "Target closed" });
    expect(client.received.slice(0, 7)).toBe("closed\n");
    expect(Buffer.from(client.received.slice(7), "latin1").equals(block)).toBe(true);
  });

  it("flushes what a client sent before it was lost without a close frame", async () => {
    const { client, socket } = await open();
    let text = "";
    socket.on("data", (bytes) => (text += bytes));
    const ended = once(socket, "end");
    client.ws.send(Buffer.from("last words"), () => client.ws.terminate());
    await ended;
    expect(text).toBe("last words");
    socket.end();
  });

  // The last one: it ends the process.
  it("ends cleanly on SIGTERM: FIN to the target, its answer to the client, 1012, exit 0", async () => {
    const { client, socket } = await open();
    client.keeping = true;
    const said: Buffer[] = [];
    socket.on("data", (bytes) => said.push(bytes));
    socket.on("end", () => socket.end("goodbye"));
    client.send("hello");
    await once(socket, "data");
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(await client.closed).toMatchObject({ code: 1012 });
    expect(client.received).toBe("goodbye");
    expect(`${Buffer.concat(said)}`).toBe("hello");
  });
});
