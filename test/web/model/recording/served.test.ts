/** Conversations of a server, saved: every format tells them from the server's end. Needs python3 and tshark. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { ConversationEvent, Direction } from "../../../../shared/conversation.ts";
import type { Kept } from "../../../../web/model/carrier.ts";
import { Conversation, KEPT_EVENTS } from "../../../../web/model/conversation.ts";
import { conversationOf } from "../../../../web/model/kept.ts";
import { writeAsciicast } from "../../../../web/model/recording/asciicast.ts";
import { fileName } from "../../../../web/model/recording/formats.ts";
import { read as readJsonl, writeJsonl } from "../../../../web/model/recording/jsonl.ts";
import { writePcapng } from "../../../../web/model/recording/pcapng.ts";
import { pythonProgram } from "../../../../web/model/recording/python.ts";
import { beginningOf, roleOf } from "../../../../web/model/recording/recording.ts";
import { writeText } from "../../../../web/model/recording/text.ts";
import { Replay } from "../../../../web/model/replay.ts";
import { ladderSvg } from "../../../../web/views/ladder-svg.tsx";
import { Program } from "../../../support/programs.ts";
import { data, recorded, whole } from "../../../support/recordings.ts";
import { eof, served, torn, visited, watched } from "../../../support/served.ts";
import { closedPort, Talk } from "../../../support/tcp.ts";
import { dissect } from "../../../support/tshark.ts";

const joined = (parts: Iterable<string | Uint8Array>) => Buffer.from(whole(parts)).toString();

/** What a gateway tells a page that was loaded anew: the visitor waited at the door, and much is forgotten. */
const returned: Kept = {
  guest: null,
  startedAt: 0,
  events: [
    ...visited(),
    { ...data(4, "out", 0, ""), length: 90_000, calls: 2_000 },
    data(5, "out", 90_000, "x"),
  ],
  forgotten: 0,
  waits: false,
  start: () => {
    throw new Error("nobody goes on with it");
  },
};

describe("as JSON lines", () => {
  test.each([
    ["unwatched", served],
    ["watched", watched],
    ["torn", torn],
  ])("a visit, %s, is read as it was, and written byte for byte the same", (_, recording) => {
    const file = joined(writeJsonl(recording));
    const opened = readJsonl(file);
    expect(opened.problem).toBeNull();
    expect(opened.recording).toEqual(recording);
    expect(joined(writeJsonl(opened.recording))).toBe(file);
    expect(JSON.parse(file.split("\n")[0] ?? "").address).toBe("tcp://127.0.0.1:9090");
    expect(fileName(recording, "jsonl")).toMatch(/^wireside-127\.0\.0\.1-9090-/);
  });

  test("a visit whose beginning is forgotten keeps the arrival, and is a server's again when it is replayed", () => {
    const conversation = new Conversation(0, 0, "server");
    const read = data(3, "out", 0, "x");
    const reads = Array.from({ length: KEPT_EVENTS * 1.1 }, (_, i) => ({ ...read, offset: i }));
    conversation.appendAll([...visited(), ...reads]);
    expect(conversation.forgotten).toBeGreaterThan(2);
    const beginning = beginningOf(conversation);
    const { forgotten, events } = conversation;
    const kept = [...beginning, ...events.slice(0, 9)];
    const recording = recorded(kept, forgotten - beginning.length);
    const opened = readJsonl(joined(writeJsonl(recording)));
    expect(opened.problem).toBeNull();
    expect(roleOf(opened.recording)).toBe("server");
    const replay = new Replay(opened.recording, { now: () => 0, soon: () => () => {} });
    expect(replay.conversation.state).toMatchObject({ role: "server" });
    // One that never got as far as an address has no beginning, nor needs one that is whole any.
    expect(beginningOf(new Conversation(0, 5_000))).toEqual([]);
    expect(beginningOf(conversationOf({ ...returned, forgotten: 0 }, "server"))).toEqual([]);
  });

  test("a visit that was given back to a page is saved with its beginning once, and can be opened again", () => {
    const conversation = conversationOf({ ...returned, forgotten: 2_000 }, "server");
    const beginning = beginningOf(conversation);
    const kept = [...beginning, ...conversation.events];
    const opened = readJsonl(joined(writeJsonl(recorded(kept, 2_000 - beginning.length))));
    expect(opened.problem).toBeNull();
    expect(opened.recording.events).toEqual(conversation.events);
  });
});

describe("as a terminal recording", () => {
  const screen = (recording: typeof served) =>
    joined(writeAsciicast(recording))
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line): [number, string, string] => JSON.parse(line))
      .filter(([, code]) => code === "o")
      .map(([, , text]) => text)
      .join("")
      .split("\r\n");
  const plain = (rows: string[]) =>
    rows.map((row) => row.replace(/\x1b\[[\d;]*m/g, "").trimEnd()).filter((row) => row !== "");

  test("a visit reads as the tutorial's server prints it, with the arrows of the wire", () => {
    expect(plain(screen(served))).toEqual([
      "            Accepted connection from 127.0.0.1:51402",
      "→ 12 B      Received: Wake up, Neo",
      "← 8 B       Answer: accepted",
      "← 3 B       Answer: acc",
      "← 5 B       Answer: epted",
      "→ 19 B      Received: The Matrix has you",
      "→ 17 B      Received: Is anybody there?",
      "← 8 B       Answer: accepted",
      "→ FIN       The client hung up.",
      "← 6 B       Answer: closed",
      "← FIN       You hung up too.",
      "            Connection to client closed",
    ]);
    expect(plain(screen(torn)).find((row) => row.startsWith("× RST"))).toContain(
      "ConnectionResetError",
    );
  });

  test("a visitor who fell silent is called by its address", () => {
    const silent = { kind: "error", at: 900, side: "near", code: "ETIMEDOUT", detail: "" } as const;
    const rows = plain(screen(recorded([...visited(), silent])));
    expect(rows.at(-1)).toContain("127.0.0.1 stopped answering");
  });

  test("what comes from the client is amber, and the answers are blue", () => {
    const rows = screen(served);
    expect(rows[1]).toContain("\x1b[0;33m→ 12 B");
    expect(rows[1]).toContain("\x1b[0;33mWake up, Neo");
    expect(rows[2]).toContain("\x1b[0;34maccepted");
  });
});

test("as text a visit says whose conversation it was, and what the client did", () => {
  const lines = joined(writeText(served)).split("\n");
  expect(lines[0]).toBe("Wireside: a conversation as the server at tcp://127.0.0.1:9090");
  expect(lines).toContain("     2.401  →  read 12 B");
  expect(lines).toContain("     6.200  ←  sent 8 B");
  expect(lines).toContain("    14.000  →| the client ended its direction (FIN)");
  expect(lines).toContain("     8.400  ·  reading stopped");
});

test("as a capture a visit's reads come in from the client's port, and its answers go out to it", async () => {
  const fields = [
    "exported_pdu.src_port",
    "exported_pdu.dst_port",
    "frame.packet_flags_direction",
    "frame.comment",
  ] as const;
  const packets = await dissect(whole(writePcapng(served)), fields);
  const toClient = { "exported_pdu.src_port": "9090", "exported_pdu.dst_port": "51402" };
  const toServer = { "exported_pdu.src_port": "51402", "exported_pdu.dst_port": "9090" };
  const [inbound, outbound] = ["0x00000001", "0x00000002"];
  const way = (direction: string) => ({ "frame.packet_flags_direction": direction });
  expect(packets.slice(0, 4)).toMatchObject([
    { ...toServer, ...way(inbound) },
    {
      ...toClient,
      ...way(outbound),
      "frame.comment": "accepted 127.0.0.1:51402 at 127.0.0.1:9090",
    },
    { ...toServer, ...way(inbound), "frame.comment": "read 12 B" },
    { ...toClient, ...way(outbound), "frame.comment": "sent 8 B" },
  ]);
});

test("as a picture a visit has the client at the left and the page at the right", async () => {
  const conversation = new Conversation(0, 0, "server");
  conversation.appendAll(served.events);
  const svg = await ladderSvg(conversation, "board");
  const place = (text: string) =>
    Number(new RegExp(`<text x="([\\d.]+)"[^>]*>${text}<`).exec(svg)?.[1]);
  expect(place("client socket, not visible from here")).toBeLessThan(place("server, your socket"));
  expect(place("127.0.0.1:51402")).toBeLessThan(place("127.0.0.1:9090"));
  for (const text of ["waits at the door, 2.4 s", "accept\\(\\)", "stops reading"]) {
    expect(svg).toMatch(new RegExp(`>${text}<`));
  }
});

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The program of a visit runs and listens, and a client has called it. */
async function called(events: readonly ConversationEvent[]): Promise<{
  program: Program;
  client: Socket;
}> {
  const port = await closedPort();
  const at = { host: "127.0.0.1", port };
  const moved = events.map((event) =>
    event.kind === "arrival" || event.kind === "open" ? { ...event, local: at } : event,
  );
  const folder = mkdtempSync(join(tmpdir(), "wireside-python-"));
  writeFileSync(join(folder, "serve.py"), pythonProgram(recorded(moved)));
  const program = new Program("python3", [join(folder, "serve.py")]);
  cleanups.push(
    () => rmSync(folder, { recursive: true }),
    () => program.stop(),
  );
  await program.prints(/^Listening on 127\.0\.0\.1 port \d+$/m);
  const client = connect(at.port, at.host);
  cleanups.push(() => void client.destroy());
  return { program, client };
}

describe("as a Python program", () => {
  test("a visit is had again with a client that calls the same port", async () => {
    const { program, client } = await called(served.events);
    const talk = new Talk(client);
    client.write("Wake up, Neo");
    await talk.bytes(8 + 3 + 5);
    client.write("The Matrix has you\nIs anybody there?");
    expect(await talk.bytes(24)).toBe("acceptedacceptedaccepted");
    client.end();
    expect(await talk.rest()).toBe("acceptedacceptedacceptedclosed");
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^Accepted connection from 127\.0\.0\.1:\d+$/),
      "Received 12 bytes: b'Wake up, Neo'",
      "Received 36 bytes: b'The Matrix has you\\nIs anybody there?'",
      "The client hung up.",
      "Connection to client closed",
      "",
    ]);
  });

  test("the page ends its direction first where it did, and the port can be bound again at once", async () => {
    const events = [...visited(), data(3, "in", 0, "bye"), eof(4, "in"), eof(5, "out")];
    const { program, client } = await called(events);
    const talk = new Talk(client);
    expect(await talk.rest()).toBe("bye");
    client.end();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain("The client hung up.\nConnection to client closed");
    expect(pythonProgram(recorded(events))).toContain("SO_REUSEADDR");
  });

  test("the page resets its visitor where it did", async () => {
    const { program, client } = await called([...visited(), data(2.5, "out", 0, "x"), reset("in")]);
    const failed = new Promise<NodeJS.ErrnoException>((done) => client.once("error", done));
    client.write("x");
    expect((await failed).code).toBe("ECONNRESET");
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  test("the page is reset by its visitor where it was", async () => {
    const { program, client } = await called([...visited(), data(2.5, "in", 0, "y"), reset("out")]);
    await new Talk(client).bytes(1);
    client.resetAndDestroy();
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain("The client reset the connection.");
  });
});

const reset = (direction: Direction) =>
  ({ kind: "reset", at: 3, side: "near", direction, code: "CANCELLED", detail: "" }) as const;
