/** What the kernel says of watched connections, with real sockets and compared with what `ss` prints. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Pair } from "../../../server/observe.ts";
import {
  createKernel,
  type Kernel,
  type KernelWatch,
  type Seen,
} from "../../../server/sockets/kernel.ts";
import type { KernelSocket, TcpState } from "../../../shared/tcp.ts";
import { type BlackHole, startBlackHole } from "../../support/black-hole.ts";
import { eventually } from "../../support/eventually.ts";
import { ssRow, ssState } from "../../support/ss.ts";

/** Keeps what was told of one connection. */
class Watching {
  readonly told: Seen[] = [];
  near: KernelSocket | null = null;
  far: KernelSocket | null = null;
  readonly pair: Pair;
  readonly watch: KernelWatch;

  constructor(kernel: Kernel, pair: Pair, reached?: TcpState) {
    this.pair = pair;
    const listener = (seen: Seen) => {
      this.told.push(seen);
      this.near = seen.near ?? this.near;
      this.far = seen.far ?? this.far;
    };
    this.watch = kernel.watch(pair, listener, reached);
  }

  /** Waits until the ends are told so, and `ss` says the same at that moment. */
  async agreesWithSs(near: TcpState, far?: TcpState): Promise<void> {
    const { local, remote } = this.pair;
    await eventually(
      () => ({
        near: [this.near?.state, ssState(local, remote)],
        far: far ? [this.far?.state, ssState(remote, local)] : [],
      }),
      (now) => now.near.every((state) => state === near) && now.far.every((state) => state === far),
    );
  }

  until(holds: (watching: Watching) => boolean): Promise<unknown> {
    return eventually(
      () => ({ near: this.near, far: this.far, holds: holds(this) }),
      (now) => now.holds,
    );
  }
}

/** Until whatever was to happen in the next turn of the event loop has happened. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

function pairOf(socket: Socket): Pair {
  const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = socket;
  return {
    local: { host: localAddress, port: localPort },
    remote: { host: remoteAddress, port: remotePort },
  };
}

describe("the kernel", () => {
  let kernel: Kernel;
  let server: Server;
  let accepted: Socket[];
  const watchings: Watching[] = [];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    const made = createKernel();
    if (!made) throw new Error("there is no table of sockets here");
    kernel = made;
    accepted = [];
    await serve("127.0.0.1");
  });

  afterEach(() => {
    vi.useRealTimers();
    for (const { watch } of watchings.splice(0)) watch.stop();
    for (const socket of [...sockets.splice(0), ...accepted]) socket.destroy();
    server.close();
  });

  async function serve(host: string): Promise<void> {
    server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.on("connection", (socket) => accepted.push(socket));
    server.listen(0, host);
    await once(server, "listening");
  }

  const port = () => (server.address() as { port: number }).port;

  /** Connects, and waits for accept(2). @returns both ends. */
  async function connected(host = "127.0.0.1"): Promise<[near: Socket, far: Socket]> {
    const near = connect({ host, port: port(), allowHalfOpen: true });
    sockets.push(near);
    const { length } = accepted;
    await once(near, "connect");
    await eventually(
      () => accepted.length,
      (count) => count > length,
    );
    const far = accepted.at(-1) as Socket;
    return [near, far];
  }

  function watch(pair: Pair, reached?: TcpState): Watching {
    const watching = new Watching(kernel, pair, reached);
    watchings.push(watching);
    return watching;
  }

  it.each([
    ["IPv4", "127.0.0.1", "127.0.0.1"],
    ["IPv6", "::1", "::1"],
    ["IPv4 with a server that listens on IPv6", "::", "127.0.0.1"],
    ["an IPv4-mapped address", "::", "::ffff:127.0.0.1"],
  ])("tells both ends of a connection over %s", async (_, host, to) => {
    server.close();
    await serve(host);
    const [near] = await connected(to);
    const watching = watch(pairOf(near));
    await watching.agreesWithSs("ESTABLISHED", "ESTABLISHED");
    near.end();
    await watching.agreesWithSs("FIN_WAIT2", "CLOSE_WAIT");
  });

  it("tells how many bytes a program has not read, until it reads them", async () => {
    const [near, far] = await connected();
    const watching = watch(pairOf(near));
    near.write("twelve bytes");
    await watching.until(({ far }) => far?.unread === 12);
    const { local, remote } = watching.pair;
    expect(ssRow(remote, local)?.unread).toBe(12);
    far.resume();
    await watching.until(({ far }) => far?.unread === 0);
    expect(ssRow(remote, local)?.unread).toBe(0);
  });

  it("tells how many bytes the other kernel has not taken", async () => {
    const [near, far] = await connected();
    const watching = watch(pairOf(near));
    near.write(Buffer.alloc(16 * 1024 * 1024));
    const { local, remote } = watching.pair;
    await eventually(
      () => ({
        told: [watching.near?.unsent, watching.far?.unread],
        ss: [ssRow(local, remote)?.unsent, ssRow(remote, local)?.unread],
      }),
      ({ told, ss }) => (told[0] ?? 0) > 0 && told[0] === ss[0] && told[1] === ss[1],
    );
    far.resume();
    await watching.until(({ near, far }) => near?.unsent === 0 && far?.unread === 0);
  });

  it("does not count an end that was not read yet as a byte", async () => {
    const [near] = await connected();
    const watching = watch(pairOf(near));
    near.end("five!");
    await watching.agreesWithSs("FIN_WAIT2", "CLOSE_WAIT");
    expect(watching.far?.unread).toBe(5);
    const { local, remote } = watching.pair;
    expect(ssRow(remote, local)?.unread).toBe(6);
  });

  it("shows who closed first waiting in TIME_WAIT, and for how long", async () => {
    const [near, far] = await connected();
    const watching = watch(pairOf(near));
    near.end();
    near.resume();
    await watching.agreesWithSs("FIN_WAIT2", "CLOSE_WAIT");
    far.resume();
    far.end();
    await watching.agreesWithSs("TIME_WAIT", "CLOSED");
    // Linux waits for 60 s (TCP_TIMEWAIT_LEN), whatever is configured.
    expect(watching.near?.timeWaitMs).toBeGreaterThan(30_000);
    expect(watching.near?.timeWaitMs).toBeLessThanOrEqual(60_100);
    const told = watching.told.length;
    const before = kernel.readings;
    await eventually(
      () => kernel.readings,
      (count) => count >= before + 3,
    );
    expect(watching.told.length, "a countdown that goes on is no news").toBe(told);
    watching.watch.again();
    await watching.until(() => watching.told.length === told + 1);
    expect(watching.told.at(-1)).toMatchObject({
      near: { state: "TIME_WAIT" },
      far: { state: "CLOSED" },
    });
  });

  it("shows the far end in TIME_WAIT when that closed first", async () => {
    const [near, far] = await connected();
    const watching = watch(pairOf(near));
    far.resume();
    far.end();
    await watching.agreesWithSs("CLOSE_WAIT", "FIN_WAIT2");
    near.resume();
    near.end();
    await watching.agreesWithSs("CLOSED", "TIME_WAIT");
  });

  it("shows how it ended also where it was over before the first reading", async () => {
    const [near, far] = await connected();
    const pair = pairOf(near);
    near.resume();
    far.resume();
    far.end();
    await once(near, "end");
    near.end();
    await Promise.all([once(near, "close"), once(far, "close")]);
    const watching = watch(pair);
    watching.watch.again("ESTABLISHED");
    await watching.agreesWithSs("CLOSED", "TIME_WAIT");
  });

  it("shows both ends CLOSED after a reset, and then rests", async () => {
    const [near, far] = await connected();
    near.on("error", () => {});
    const watching = watch(pairOf(near));
    await watching.until(({ near }) => near?.state === "ESTABLISHED");
    far.resetAndDestroy();
    await watching.agreesWithSs("CLOSED", "CLOSED");
    const { readings } = kernel;
    watching.watch.soon();
    await turn();
    expect(kernel.readings).toBe(readings);
    watching.watch.again();
    const { length } = watching.told;
    await watching.until(({ told }) => told.length > length);
    expect(watching.told.at(-1)).toMatchObject({
      near: { state: "CLOSED" },
      far: { state: "CLOSED" },
    });
  });

  it("never takes another connection for one that is over", async () => {
    const [pair, watching, again] = await portUsedAgain();
    expect(pairOf(again)).toEqual(pair);
    const other = watch(pair, "FIN_WAIT1");
    watching.watch.again();
    await other.until(({ near }) => near !== null);
    await watching.until(({ told }) => told.length > 2);
    expect(other.near?.state).toBe("CLOSED");
    expect(other.far, "the other end of another connection").toBeNull();
    expect(watching.near?.state).toBe("CLOSED");
    expect(watching.far?.state).toBe("CLOSED");
    expect(ssState(pair.local, pair.remote)).toBe("ESTABLISHED");
  });

  const target = () => ({ host: "127.0.0.1", port: port() });

  /** A connection that was reset and is watched, and a second one from its port; another program may take that first. */
  async function portUsedAgain(): Promise<[Pair, Watching, Socket]> {
    for (;;) {
      const [near, far] = await connected();
      near.on("error", () => {});
      const pair = pairOf(near);
      const watching = watch(pair);
      await watching.until(({ far }) => far?.state === "ESTABLISHED");
      far.resetAndDestroy();
      await watching.until(({ near, far }) => near?.state === "CLOSED" && far?.state === "CLOSED");
      const again = connect({ ...target(), localPort: pair.local.port, allowHalfOpen: true });
      sockets.push(again);
      try {
        await once(again, "connect");
        return [pair, watching, again];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      }
    }
  }

  it("shows SYN_SENT while nobody answers, and no far end", async () => {
    const hole: BlackHole = await startBlackHole();
    try {
      const near = connect({ host: "127.0.0.1", port: hole.port });
      sockets.push(near);
      near.on("error", () => {});
      // net calls connect(2) on the next tick, and asks for its own address only once.
      await turn();
      const { localAddress: host = "", localPort = 0 } = near;
      const watching = watch({
        local: { host, port: localPort },
        remote: { host: "127.0.0.1", port: hole.port },
      });
      await watching.agreesWithSs("SYN_SENT");
      expect(watching.near).toEqual({
        state: "SYN_SENT",
        unread: 0,
        unsent: 0,
        timeWaitMs: null,
      });
      near.destroy();
      await watching.agreesWithSs("CLOSED");
      expect(watching.far).toBeNull();
    } finally {
      await hole.stop();
    }
  });

  it("tells nothing of a pair that has no socket", async () => {
    const [near] = await connected();
    const pair = pairOf(near);
    const watching = watch({ ...pair, remote: { host: "127.0.0.2", port: pair.remote.port } });
    const beside = watch(pair);
    await beside.until(({ told }) => told.length > 0);
    expect(watching.told).toEqual([]);
    const closed = watch({ ...pair, remote: { host: "127.0.0.2", port: 1 } }, "ESTABLISHED");
    await closed.until(({ told }) => told.length > 0);
    expect(closed.told).toMatchObject([{ near: { state: "CLOSED" } }]);
    expect(closed.far).toBeNull();
  });

  it("tells each watch of its own connection only, whatever else is open on the host", async () => {
    const [first, second, other] = [await connected(), await connected(), await connected()];
    const [one, two] = [watch(pairOf(first[0])), watch(pairOf(second[0]))];
    await one.agreesWithSs("ESTABLISHED", "ESTABLISHED");
    await two.agreesWithSs("ESTABLISHED", "ESTABLISHED");
    const before = [one.told.length, two.told.length];
    other[0].write("nobody's business");
    second[0].write("second");
    await two.until(({ far }) => far?.unread === 6);
    other[0].destroy();
    second[0].end();
    await two.agreesWithSs("FIN_WAIT2", "CLOSE_WAIT");
    expect(one.told).toHaveLength(before[0] ?? 0);
    expect(one.told.concat(two.told).some(({ far }) => far?.unread === 17)).toBe(false);
  });

  it("reads once for everybody who asks at the same time", async () => {
    const near = await Promise.all([connected(), connected(), connected()]);
    const watchings = near.map(([socket]) => watch(pairOf(socket)));
    expect(kernel.readings).toBe(0);
    await Promise.all(watchings.map((watching) => watching.until(({ told }) => told.length > 0)));
    expect(watchings.map(({ told }) => told[0]?.at)).toEqual(
      watchings.map(() => watchings[0]?.told[0]?.at),
    );
  });

  it("does nothing while nobody watches: no reading, no timer, no open file", async () => {
    const [first, second] = [await connected(), await connected()];
    vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "clearTimeout", "clearImmediate"] });
    const files = () => readdirSync("/proc/self/fd").length;
    const before = files();
    const [one, two] = [watch(pairOf(first[0])), watch(pairOf(second[0]))];
    vi.advanceTimersByTime(10_000);
    expect(one.told.length * two.told.length * kernel.readings).toBeGreaterThan(0);
    one.watch.stop();
    expect(vi.getTimerCount()).toBe(1);
    two.watch.stop();
    expect(vi.getTimerCount()).toBe(0);
    const { readings } = kernel;
    for (const { watch } of [one, two]) {
      watch.soon();
      watch.again();
      watch.stop();
    }
    vi.advanceTimersByTime(10_000);
    expect([vi.getTimerCount(), kernel.readings, files()]).toEqual([0, readings, before]);
  });
});

describe("a table that cannot be read", () => {
  const folder = mkdtempSync(join(tmpdir(), "kernel-"));
  const tables = { tcp: join(folder, "tcp"), tcp6: join(folder, "tcp6") };
  const pair: Pair = {
    local: { host: "127.0.0.1", port: 40_000 },
    remote: { host: "127.0.0.1", port: 8000 },
  };
  const header =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is no kernel at all when it is not there from the beginning", () => {
    expect(createKernel({ tables: { tcp: join(folder, "none"), tcp6: "" } })).toBeNull();
  });

  it("is said once when it stops being readable, and nothing is told any more", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(tables.tcp, header);
    const reasons: string[] = [];
    const kernel = createKernel({ tables, onUnavailable: (reason) => reasons.push(reason) });
    if (!kernel) throw new Error("a header is a table");
    const first = new Watching(kernel, pair, "ESTABLISHED");
    const second = new Watching(kernel, { local: pair.remote, remote: pair.local });
    await first.until(({ near }) => near?.state === "CLOSED");
    writeFileSync(tables.tcp, "something else\n");
    second.watch.soon();
    await eventually(
      () => reasons.length,
      (count) => count > 0,
    );
    first.watch.again();
    const third = new Watching(kernel, pair, "ESTABLISHED");
    third.watch.soon();
    const { readings } = kernel;
    await turn();
    expect([reasons.length, kernel.readings, third.told.length]).toEqual([1, readings, 0]);
  });
});
