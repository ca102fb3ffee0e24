/** Dialling: what is judged is what is dialled, and every end is told apart. */
import { getEventListeners, once } from "node:events";
import { connect, Socket, type TcpNetConnectOpts } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Pair } from "../../../server/observe.ts";
import { DialError, type DialOptions, dial } from "../../../server/sockets/dial.ts";
import { createPolicy, type PolicyOptions } from "../../../server/sockets/policy.ts";
import type { Address } from "../../../shared/address.ts";
import { closedPort, listenTcp, type TestServer } from "../../support/tcp.ts";

const servers: TestServer[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function listen(host?: string, wanted?: number): Promise<TestServer> {
  const server = await listenTcp(host, wanted);
  servers.push(server);
  return server;
}

function policyOf(options: Partial<PolicyOptions> = {}) {
  return createPolicy({
    allow: [],
    deny: [],
    loopbackAllowed: true,
    ownEndpoints: () => [],
    lessonEndpoints: () => [],
    ...options,
  });
}

const tcp = (host: string, port: number): Address => ({ scheme: "tcp", host, port });
const tcp6 = (host: string, port: number): Address => ({ scheme: "tcp6", host, port });

async function open(address: Address, options: Partial<DialOptions> = {}): Promise<Socket> {
  const socket = await dial(address, { policy: policyOf(), timeoutMs: 10_000, ...options });
  sockets.push(socket);
  return socket;
}

async function failure(address: Address, options: Partial<DialOptions> = {}): Promise<DialError> {
  const error = await open(address, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DialError);
  return error as DialError;
}

/** A real connector that counts, and remembers its sockets. */
function counting(make: (options: TcpNetConnectOpts) => Socket = connect) {
  const dialled: TcpNetConnectOpts[] = [];
  const made: Socket[] = [];
  return {
    dialled,
    made,
    connect(options: TcpNetConnectOpts) {
      dialled.push(options);
      const socket = make(options);
      made.push(socket);
      sockets.push(socket);
      return socket;
    },
  };
}

/** A resolver that counts and gives the next of these lists each time. */
function answering(...lists: string[][]) {
  const asked: { host: string; family: number }[] = [];
  return {
    asked,
    async resolve(host: string, family: number) {
      asked.push({ host, family });
      return lists[Math.min(asked.length, lists.length) - 1] ?? [];
    },
  };
}

/** A socket that never connects: no SYN is sent, so no answer can come. */
const silent = () => new Socket();

test.each(["127.0.0.1", "::1"])("connects to a server on %s, bytes go both ways", async (host) => {
  const server = await listen(host);
  const socket = await open(tcp(host, server.port));
  const far = await server.accepted();
  socket.write("Wake up, Neo");
  const [heard] = await once(far, "data");
  expect(String(heard)).toBe("Wake up, Neo");
  far.write("accepted");
  const [answer] = await once(socket, "data");
  expect(String(answer)).toBe("accepted");
});

test("connects to a name through the system's own resolver", async () => {
  const server = await listen();
  const socket = await open(tcp("localhost", server.port));
  expect(socket.remotePort).toBe(server.port);
});

test("connects to an IPv4 address written as IPv6", async () => {
  const server = await listen();
  const socket = await open(tcp("::ffff:7f00:1", server.port));
  expect(socket.remoteAddress).toBe("::ffff:127.0.0.1");
});

test("hands over a socket without listeners, with Nagle as the system has it, half-open allowed", async () => {
  const server = await listen();
  const bare = connect({ host: "127.0.0.1", port: server.port });
  sockets.push(bare);
  await once(bare, "connect");
  const controller = new AbortController();
  const counter = counting();
  const socket = await open(tcp("127.0.0.1", server.port), {
    signal: controller.signal,
    connect: counter.connect,
  });
  for (const event of ["connect", "error", "close"]) {
    expect(socket.listenerCount(event), event).toBe(0);
  }
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  expect(socket.allowHalfOpen).toBe(true);
  expect(counter.dialled[0]).not.toHaveProperty("noDelay");
  expect(counter.dialled[0]).not.toHaveProperty("keepAlive");
  controller.abort();
  expect(socket.destroyed).toBe(false);
});

test("keeps our direction open after the other end's FIN", async () => {
  const server = await listen();
  const socket = await open(tcp("127.0.0.1", server.port));
  const far = await server.accepted();
  far.end("bye");
  socket.resume();
  await once(socket, "end");
  socket.end("still here");
  const [heard] = await once(far, "data");
  expect(String(heard)).toBe("still here");
});

test("reads into the buffer it was given", async () => {
  const server = await listen();
  const buffer = new Uint8Array(16);
  const read = new Promise<string>((resolve) => {
    const callback = (count: number, into: Uint8Array) => {
      expect(into).toBe(buffer);
      resolve(Buffer.from(into.subarray(0, count)).toString());
      return true;
    };
    void open(tcp("127.0.0.1", server.port), { onread: { buffer, callback } });
  });
  (await server.accepted()).write("accepted");
  expect(await read).toBe("accepted");
});

test.each([
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "0.0.0.0",
  "::",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "127.0.0.1",
  "169.254.169.254",
  "11.0.0.1",
])(
  "with only 10.0.0.0/8 allowed, %s is refused with 0 dials, typed or as a name's answer",
  async (ip) => {
    const policy = policyOf({ allow: ["10.0.0.0/8"], loopbackAllowed: false });
    const counter = counting();
    const names = answering([ip]);
    const typed = await failure(tcp(ip, 80), { policy, connect: counter.connect });
    const named = await failure(tcp("lab.test", 80), {
      policy,
      connect: counter.connect,
      resolve: names.resolve,
    });
    expect([typed.code, named.code]).toEqual(["NOT_ALLOWED", "NOT_ALLOWED"]);
    expect(named.detail).toContain(`The name lab.test stands for ${ip} here.`);
    expect(counter.dialled).toHaveLength(0);
  },
);

test.each(["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "１２７.0.0.1", "fe80::1%lo"])(
  "%s is a bad address: not looked up, not dialled",
  async (host) => {
    const counter = counting();
    const names = answering(["127.0.0.1"]);
    const error = await failure(tcp(host, 80), {
      connect: counter.connect,
      resolve: names.resolve,
    });
    expect(error.code).toBe("BAD_ADDRESS");
    expect(names.asked).toHaveLength(0);
    expect(counter.dialled).toHaveLength(0);
  },
);

test("tells which flag would allow a refused target", async () => {
  const error = await failure(tcp("10.0.0.5", 80));
  expect(error).toMatchObject({
    code: "NOT_ALLOWED",
    detail: "Start the gateway with --allow 10.0.0.5:80 to allow it.",
  });
});

test("a name with one forbidden answer among good ones is refused as a whole", async () => {
  for (const answers of [
    ["127.0.0.1", "10.0.0.5"],
    ["10.0.0.5", "127.0.0.1"],
    ["::1", "::"],
  ]) {
    const counter = counting();
    const names = answering(answers);
    const error = await failure(tcp("mixed.test", 9000), {
      connect: counter.connect,
      resolve: names.resolve,
    });
    expect(error.code).toBe("NOT_ALLOWED");
    expect(counter.dialled).toHaveLength(0);
  }
});

test("a resolver that changes its answer is asked once, and the first answer is dialled", async () => {
  const server = await listen();
  const counter = counting();
  const names = answering(["127.0.0.1"], ["10.0.0.5"]);
  const socket = await open(tcp("rebind.test", server.port), {
    connect: counter.connect,
    resolve: names.resolve,
  });
  expect(names.asked).toEqual([{ host: "rebind.test", family: 0 }]);
  expect(counter.dialled.map(({ host }) => host)).toEqual(["127.0.0.1"]);
  expect(socket.remoteAddress).toBe("127.0.0.1");
});

test("a connection that leads somewhere else than what was judged is thrown away", async () => {
  const server = await listen();
  const counter = counting((options) => connect({ ...options, host: "127.0.0.1" }));
  const error = await failure(tcp("127.0.0.2", server.port), { connect: counter.connect });
  expect(error.code).toBe("NOT_ALLOWED");
  expect(error.detail).toBe("The connection led to 127.0.0.1 instead of 127.0.0.2.");
  expect(counter.made[0]?.destroyed).toBe(true);
});

test("tcp6:// asks for IPv6 only, and takes no IPv4", async () => {
  const server = await listen("::1");
  const names = answering(["127.0.0.1", "::1"]);
  const counter = counting();
  await open(tcp6("both.test", server.port), { resolve: names.resolve, connect: counter.connect });
  expect(names.asked).toEqual([{ host: "both.test", family: 6 }]);
  expect(counter.dialled.map(({ host }) => host)).toEqual(["::1"]);
  expect((await failure(tcp6("127.0.0.1", server.port))).code).toBe("BAD_ADDRESS");
  const four = answering(["127.0.0.1"]);
  const error = await failure(tcp6("four.test", server.port), { resolve: four.resolve });
  expect(error.code).toBe("ENOTFOUND");
});

test("tries a name's addresses in order until one answers", async () => {
  // A port that nobody has on the other addresses either.
  const server = await listen("127.0.0.1", await closedPort());
  const counter = counting();
  const names = answering(["::1", "127.0.0.3", "127.0.0.1"]);
  const socket = await open(tcp("three.test", server.port), {
    connect: counter.connect,
    resolve: names.resolve,
  });
  expect(counter.dialled.map(({ host }) => host)).toEqual(["::1", "127.0.0.3", "127.0.0.1"]);
  expect(socket.remoteAddress).toBe("127.0.0.1");
  expect(counter.made.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
});

test("a silent address does not use up the time of the next", async () => {
  const server = await listen();
  const counter = counting((options) => (options.host === "::1" ? silent() : connect(options)));
  const names = answering(["::1", "127.0.0.1"]);
  const socket = await open(tcp("slow.test", server.port), {
    connect: counter.connect,
    resolve: names.resolve,
    timeoutMs: 1000,
  });
  expect(socket.remoteAddress).toBe("127.0.0.1");
  expect(counter.made[0]?.destroyed).toBe(true);
});

test("a port where nobody listens is refused, with the address that was dialled last", async () => {
  const port = await closedPort();
  const error = await failure(tcp("127.0.0.1", port));
  expect(error).toMatchObject({ code: "ECONNREFUSED", address: `127.0.0.1:${port}` });
  const names = answering(["127.0.0.1", "127.0.0.2"]);
  const last = await failure(tcp("two.test", port), { resolve: names.resolve });
  expect(last).toMatchObject({ code: "ECONNREFUSED", address: `127.0.0.2:${port}` });
});

test("no answer at all is a timeout that says how long it waited", async () => {
  const counter = counting(silent);
  const error = await failure(tcp("127.0.0.1", 9000), {
    connect: counter.connect,
    timeoutMs: 30,
  });
  expect(error).toMatchObject({ code: "CONNECT_TIMEOUT", detail: "0.03 s" });
  const [socket] = counter.made;
  expect(socket?.destroyed).toBe(true);
  // Listeners go with the socket's last event, "close", which comes before the loop's next turn.
  await new Promise(setImmediate);
  for (const event of ["connect", "error", "close"]) {
    expect(socket?.listenerCount(event), event).toBe(0);
  }
});

test("a name without an address is not found; other failures of the resolver keep their name", async () => {
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  const codes = ["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA"];
  const errors = codes.map((code) => failure(tcp("x.test", 80), { resolve: failing(code) }));
  expect((await Promise.all(errors)).map(({ code }) => code)).toEqual([
    "ENOTFOUND",
    "EAI_AGAIN",
    "ENOTFOUND",
  ]);
  const none = await failure(tcp("x.test", 80), { resolve: answering([]).resolve });
  expect(none.code).toBe("ENOTFOUND");
});

test("a resolver that never answers is given up on within the same time", async () => {
  const error = await failure(tcp("x.test", 80), {
    resolve: () => new Promise(() => {}),
    timeoutMs: 30,
  });
  expect(error).toMatchObject({ code: "EAI_AGAIN", detail: "0.03 s" });
});

test("stopping while the connection is made destroys the socket", async () => {
  const controller = new AbortController();
  const counter = counting(() => {
    queueMicrotask(() => controller.abort());
    return silent();
  });
  const error = await failure(tcp("127.0.0.1", 9000), {
    connect: counter.connect,
    signal: controller.signal,
  });
  expect(error.code).toBe("CANCELLED");
  expect(counter.dialled).toHaveLength(1);
  expect(counter.made[0]?.destroyed).toBe(true);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("stopping while the name is looked up dials nothing", async () => {
  const controller = new AbortController();
  const counter = counting();
  const error = await failure(tcp("x.test", 80), {
    connect: counter.connect,
    signal: controller.signal,
    resolve: () =>
      new Promise((resolve) => {
        controller.abort();
        resolve(["127.0.0.1"]);
      }),
  });
  expect(error.code).toBe("CANCELLED");
  expect(counter.dialled).toHaveLength(0);
});

test("what was stopped before it began asks nobody and dials nothing", async () => {
  const names = answering(["127.0.0.1"]);
  const counter = counting();
  const error = await failure(tcp("x.test", 80), {
    connect: counter.connect,
    resolve: names.resolve,
    signal: AbortSignal.abort(),
  });
  expect(error.code).toBe("CANCELLED");
  expect(names.asked).toHaveLength(0);
  expect(counter.dialled).toHaveLength(0);
});

test("each connect(2) is told with the addresses it was called with, the ones that fail included", async () => {
  const server = await listen("127.0.0.2", await closedPort());
  const told: Pair[] = [];
  const options = {
    resolve: async () => ["127.0.0.1", "127.0.0.2"],
    onAttempt: (pair: Pair) => told.push(pair),
  };
  const socket = await open(tcp("two.test", server.port), options);
  const [refused, connected] = told;
  expect(told).toHaveLength(2);
  expect(refused?.remote).toEqual({ host: "127.0.0.1", port: server.port });
  expect(refused?.local.port).toBeGreaterThan(0);
  expect(connected?.remote).toEqual({ host: "127.0.0.2", port: server.port });
  expect(connected?.local.port).toBe(socket.localPort);
});
