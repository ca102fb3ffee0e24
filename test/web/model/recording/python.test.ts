/** Programs made of conversations, run by a real Python against real servers. Needs python3 (3.8 or newer). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { accept } from "../../../../server/lessons/accept.ts";
import { startLesson } from "../../../../server/lessons/serve.ts";
import { createObserver } from "../../../../server/observe.ts";
import type { ConversationEvent } from "../../../../shared/conversation.ts";
import { pythonProgram } from "../../../../web/model/recording/python.ts";
import { pythonBytes } from "../../../../web/model/recording/python-bytes.ts";
import { Program } from "../../../support/programs.ts";
import { data, recorded, recordings, tutorial } from "../../../support/recordings.ts";
import { closedPort, listenTcp, Talk } from "../../../support/tcp.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The program of a recording, running. */
function run(events: readonly ConversationEvent[]): Program {
  const folder = mkdtempSync(join(tmpdir(), "wireside-python-"));
  const file = join(folder, "talk.py");
  writeFileSync(file, pythonProgram(recorded(events)));
  const program = new Program("python3", [file]);
  cleanups.push(
    () => rmSync(folder, { recursive: true }),
    () => program.stop(),
  );
  return program;
}

/** The same conversation with another server. */
const dialled = (port: number, events: readonly ConversationEvent[]): ConversationEvent[] => [
  {
    kind: "opening",
    at: 0,
    side: "near",
    address: { scheme: "tcp", host: "127.0.0.1", port },
  },
  ...events.filter(({ kind }) => kind !== "opening"),
];

const near = (fields: object) => ({ at: 9, side: "near", ...fields }) as ConversationEvent;

async function scripted(): Promise<{ port: number; client: Promise<Socket> }> {
  const server = await listenTcp();
  cleanups.push(() => server.close());
  return { port: server.port, client: server.accepted() };
}

/** What Python makes of JSON on its standard input. */
function inPython(code: string, input: unknown): string {
  const ran = spawnSync("python3", ["-c", `import sys, json, ast\n${code}`], {
    input: JSON.stringify(input),
    encoding: "utf8",
  });
  expect(ran.stderr).toBe("");
  return ran.stdout;
}

describe("a conversation as a Python program", () => {
  test("has the tutorial's conversation with the lesson server again", async () => {
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
    const program = run(dialled(server.port, tutorial.events));
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toBe(
      [
        "Received 8 bytes: b'accepted'",
        "Received 6 bytes: b'closed'",
        "The server hung up.",
        "Connection to server closed\n",
      ].join("\n"),
    );
    expect(lines).toContain("Received: Wake up, Neo");
  });

  test("sends every byte as it was, reads what comes in pieces, and ends its direction first", async () => {
    const every = new Uint8Array(1024).map((_, i) => i);
    const { port, client } = await scripted();
    const program = run(
      dialled(port, [
        data(1, "out", 0, every),
        data(2, "in", 0, "one"),
        data(3, "in", 3, "two"),
        data(4, "out", 1024, 'it\'s "all"\r\n'),
        near({ kind: "eof", direction: "out" }),
        near({ kind: "eof", direction: "in" }),
        near({ kind: "closed", by: "near" }),
      ]),
    );
    const socket = await client;
    const talk = new Talk(socket);
    expect(await talk.bytes(1024)).toBe(Buffer.from(every).toString("latin1"));
    for (const piece of ["o", "net", "wo"]) socket.write(piece);
    expect((await talk.rest()).slice(1024)).toBe('it\'s "all"\r\n');
    socket.end();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain("Received 6 bytes: b'onetwo'\nThe server hung up.\n");
  });

  test("of many sends is a list, and has the same conversation", async () => {
    const events: ConversationEvent[] = [];
    for (let i = 0; i < 100; i++) {
      events.push(data(i, "out", i * 70, "q".repeat(70)), data(i + 0.5, "in", i * 2, "ok"));
    }
    const { port, client } = await scripted();
    const program = run(dialled(port, events));
    const socket = await client;
    const talk = new Talk(socket);
    for (let i = 1; i <= 100; i++) {
      await talk.bytes(i * 70);
      socket.write("ok");
    }
    expect(await talk.rest()).toBe("q".repeat(7000));
    socket.end();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toBe(
      `${"Received 2 bytes: b'ok'\n".repeat(100)}Connection to server closed\n`,
    );
  });

  test("resets the connection where the page did", async () => {
    const { port, client } = await scripted();
    const program = run(
      dialled(port, [
        data(1, "out", 0, "x"),
        data(2, "in", 0, "y"),
        near({ kind: "reset", direction: "out", code: "CANCELLED", detail: "" }),
      ]),
    );
    const socket = await client;
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.once("error", resolve));
    const talk = new Talk(socket);
    await talk.bytes(1);
    socket.write("y");
    expect((await failed).code).toBe("ECONNRESET");
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  test("is reset where the page was", async () => {
    const { port, client } = await scripted();
    const program = run(
      dialled(port, [
        data(1, "out", 0, "x"),
        near({ kind: "reset", direction: "in", code: "ECONNRESET", detail: "" }),
      ]),
    );
    const socket = await client;
    await new Talk(socket).bytes(1);
    socket.resetAndDestroy();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain("The server reset the connection.");
  });

  test("fails as it failed, and says so beforehand", async () => {
    const port = await closedPort();
    const refused = near({ kind: "error", code: "ECONNREFUSED", detail: "" });
    const events = dialled(port, [refused]);
    expect(pythonProgram(recorded(events))).toContain(
      "# When this was recorded, it failed: ConnectionRefusedError: [Errno 111]",
    );
    const program = run(events);
    expect(await program.ended).toEqual({ code: 1, signal: null });
    expect(program.output).toContain("ConnectionRefusedError");
  });

  test("is cut where too much was sent, or where bytes were not kept, and says so", () => {
    const large = Array.from({ length: 17 }, (_, i) => data(i, "out", i * 4096, "z".repeat(4096)));
    const much = pythonProgram(recorded(dialled(1, large)));
    expect(much).toContain("# Cut here: more than 64 KiB were sent.");
    expect(much.match(/sendall\(/g)?.length).toBe(16);
    const gone = { ...data(1, "out", 0, "begin"), length: 90_000 };
    expect(pythonProgram(recorded(dialled(1, [gone])))).toContain("has not kept all the bytes");
    expect(pythonProgram(recorded(dialled(1, []), 12))).toContain("not kept how the conversation");
  });

  test("is Python, whatever the conversation was", () => {
    const programs = fc.sample(recordings, 300).map(pythonProgram);
    inPython("for program in json.load(sys.stdin): ast.parse(program)", programs);
  });

  test("writes bytes exactly as Python's repr() does", () => {
    const pieces = fc.sample(fc.uint8Array({ maxLength: 40 }), 500).map((bytes) => [...bytes]);
    pieces.push(
      [39],
      [34],
      [39, 34],
      [92],
      Array.from({ length: 256 }, (_, i) => i),
    );
    const code = "print(json.dumps([repr(bytes(piece)) for piece in json.load(sys.stdin)]))";
    const written = pieces.map((piece) => pythonBytes(Uint8Array.from(piece)));
    expect(JSON.parse(inPython(code, pieces))).toEqual(written);
  });
});
