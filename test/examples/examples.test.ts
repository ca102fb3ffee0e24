/**
 * The Python examples and nc as real processes, against the lesson server and each other.
 * Needs python3 (3.8 or newer) and nc (netcat-openbsd).
 */
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { accept } from "../../server/lessons/accept.ts";
import { startLesson } from "../../server/lessons/serve.ts";
import { createObserver } from "../../server/observe.ts";
import { Program } from "../support/programs.ts";
import { closedPort, connectTcp, listenTcp, Talk } from "../support/tcp.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function run(command: string, ...args: string[]): Program {
  const program = new Program(command, args);
  cleanups.push(() => program.stop());
  return program;
}

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const python = (name: string, ...args: (string | number)[]) =>
  run("python3", example(name), ...args.map(String));

async function lesson() {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const observer = createObserver();
  const server = await startLesson({
    host: "127.0.0.1",
    port: 0,
    rules: accept(),
    once: false,
    log,
    observer,
  });
  cleanups.push(() => server.close());
  return { port: server.port, lines };
}

async function plainServer() {
  const server = await listenTcp();
  cleanups.push(() => server.close());
  return server;
}

async function join(port: number): Promise<Talk> {
  const talk = await connectTcp(port);
  cleanups.push(() => void talk.socket.destroy());
  return talk;
}

/** server.py on a free port, and that port. */
async function pythonServer() {
  const server = python("server.py", "127.0.0.1", 0);
  const [, port] = await server.prints(/Listening on 127\.0\.0\.1:(\d+)\n/);
  return { server, port: Number(port) };
}

test("client.py has the tutorial's conversation with the lesson server", async () => {
  const { port, lines } = await lesson();
  const client = python("client.py", "127.0.0.1", port);
  await client.prints(/Enter message: $/);
  client.type("Wake up, Neo\n");
  await client.prints(/Received: accepted\nEnter message: $/);
  client.type("Close\n");
  expect(await client.ended).toMatchObject({ code: 0 });
  expect(client.output).toBe(
    "Enter message: Received: accepted\nEnter message: Connection to server closed\n",
  );
  await expect.poll(() => lines.at(-1)).toBe("Connection to client closed");
  expect(lines[2]).toBe("Received: Wake up, Neo");
});

test("client.py takes its lines from a pipe, skips the empty one, and ends with the input", async () => {
  const { port, lines } = await lesson();
  const client = python("client.py", "127.0.0.1", port);
  client.child.stdin.end("Grüße\n\nsecond\n");
  expect(await client.ended).toMatchObject({ code: 0 });
  expect(client.output).toContain("There is nothing to send in an empty line.");
  expect(client.output).toMatch(/\nConnection to server closed\n$/);
  await expect.poll(() => lines.at(-1)).toBe("Connection to client closed");
  expect(lines.slice(2, 4)).toEqual(["Received: Grüße", "Received: second"]);
});

test("client.py sends at most 1024 bytes and cuts no character in half", async () => {
  const { port, lines } = await lesson();
  const client = python("client.py", "127.0.0.1", port);
  client.child.stdin.end(`a${"é".repeat(600)}\n`);
  expect(await client.ended).toMatchObject({ code: 0 });
  expect(client.output).toContain("That is 1201 bytes; the first 1024 are sent.");
  expect(lines[2]).toBe(`Received: a${"é".repeat(511)}`);
});

test("client.py puts a character together that came in two reads, and shows escapes as text", async () => {
  const server = await plainServer();
  const client = python("client.py", "127.0.0.1", server.port);
  const far = new Talk(await server.accepted());
  client.type("one\n");
  await far.bytes(3);
  far.send(Uint8Array.of(0x41, 0xc3));
  await client.prints(/Received: A\n/);
  client.type("two\n");
  await far.bytes(6);
  far.send(Uint8Array.of(0xa9, 0x1b, 0x5b, 0x32, 0x4a));
  await client.prints(/Received: é\\x1b\[2J\n/);
});

test("client.py says so when the server hangs up or breaks off", async () => {
  const server = await plainServer();
  const first = python("client.py", "127.0.0.1", server.port);
  (await server.accepted()).end();
  first.type("hello\n");
  await first.prints(/The server hung up\.\nConnection to server closed\n/);
  expect(await first.ended).toMatchObject({ code: 0 });

  const second = python("client.py", "127.0.0.1", server.port);
  const far = new Talk(await server.accepted());
  second.type("hello\n");
  await far.bytes(5);
  far.socket.resetAndDestroy();
  await second.prints(/The server broke off the connection\./);
  expect(await second.ended).toMatchObject({ code: 1 });
});

test("client.py explains a refused connection, a bad port, and leaves on Ctrl-C", async () => {
  const port = await closedPort();
  const refused = python("client.py", "127.0.0.1", port);
  expect(await refused.ended).toMatchObject({ code: 1 });
  expect(refused.output).toBe(
    `Nobody listens on 127.0.0.1 port ${port}. Start the server first, then try again.\n`,
  );
  for (const bad of ["0", "65536", "x"]) {
    const usage = python("client.py", "127.0.0.1", bad);
    expect(await usage.ended).toMatchObject({ code: 2 });
    expect(usage.output).toMatch(/^Usage: /);
  }
  const server = await plainServer();
  const stopped = python("client.py", "127.0.0.1", server.port);
  await stopped.prints(/Enter message: $/);
  await stopped.sleeps();
  stopped.child.kill("SIGINT");
  expect(await stopped.ended).toMatchObject({ code: 130 });
  expect(stopped.output).toBe("Enter message: \nStopped.\n");
});

test.each(["client.py", "server.py"])("%s prints how it is used when asked", async (name) => {
  for (const flag of ["-h", "--help"]) {
    const asked = python(name, flag);
    expect(await asked.ended).toMatchObject({ code: 0 });
    expect(asked.output).toMatch(new RegExp(`^Usage: python3 ${name} .*\n$`));
  }
});

test("server.py has the tutorial's conversation with a socket, then stops", async () => {
  const { server, port } = await pythonServer();
  const talk = await join(port);
  talk.send("Wake up, Neo");
  expect(await talk.bytes(8)).toBe("accepted");
  talk.send("CLOSE\r\n");
  expect(await talk.rest()).toBe("acceptedclosed");
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(server.output).toBe(
    [
      `Listening on 127.0.0.1:${port}`,
      `Accepted connection from 127.0.0.1:${talk.socket.localPort}`,
      "Received: Wake up, Neo",
      "Received: CLOSE\\r\\n",
      "Connection to client closed\n",
    ].join("\n"),
  );
});

test("server.py survives what is not text, an end without close, and a reset", async () => {
  const first = await pythonServer();
  const talk = await join(first.port);
  talk.send(Uint8Array.of(0xff, 0x41, 0x1b, 0x0a));
  await talk.bytes(8);
  talk.socket.end();
  expect(await first.server.ended).toMatchObject({ code: 0 });
  expect(first.server.output).toContain("Received: \\xffA\\x1b\\n\nConnection to client closed\n");

  const second = await pythonServer();
  const broken = await join(second.port);
  broken.send("hello");
  await broken.bytes(8);
  broken.socket.resetAndDestroy();
  expect(await second.server.ended).toMatchObject({ code: 0 });
  expect(second.server.output).toContain("The client broke off the connection.\n");
});

test("server.py explains a port in use, and leaves on Ctrl-C", async () => {
  const { server, port } = await pythonServer();
  const late = python("server.py", "127.0.0.1", port);
  expect(await late.ended).toMatchObject({ code: 1 });
  expect(late.output).toMatch(/^Cannot listen on 127\.0\.0\.1 port \d+: .*in use/);
  await server.sleeps();
  server.child.kill("SIGINT");
  expect(await server.ended).toMatchObject({ code: 130 });
  expect(server.output).toMatch(/\nStopped\.\n$/);
});

test("client.py and server.py talk to each other", async () => {
  const { server, port } = await pythonServer();
  const client = python("client.py", "127.0.0.1", port);
  client.child.stdin.end("Wake up, Neo\nclose\n");
  expect(await client.ended).toMatchObject({ code: 0 });
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(client.output).toBe(
    "Enter message: Received: accepted\nEnter message: Connection to server closed\n",
  );
  expect(server.output).toMatch(
    /\nReceived: Wake up, Neo\nReceived: close\nConnection to client closed\n$/,
  );
});

test("nc can talk to the lesson server and end the conversation", async () => {
  const { port, lines } = await lesson();
  const nc = run("nc", "127.0.0.1", String(port));
  nc.type("Wake up, Neo\n");
  await nc.prints(/^accepted$/);
  nc.type("close\n");
  await nc.prints(/^acceptedclosed$/);
  nc.child.stdin.end();
  expect(await nc.ended).toMatchObject({ code: 0 });
  await expect.poll(() => lines.at(-1)).toBe("Connection to client closed");
  expect(lines[2]).toBe("Received: Wake up, Neo\\n");
});

test("nc that ends its direction at the end of its input gets the answer", async () => {
  const { port } = await lesson();
  const nc = run("nc", "-N", "127.0.0.1", String(port));
  nc.child.stdin.end("Wake up, Neo");
  expect(await nc.ended).toMatchObject({ code: 0 });
  expect(nc.output).toBe("accepted");
});
