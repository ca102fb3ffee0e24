/** The chat over real sockets: who reads what, names, commands, clients that go, flood or never read. */
import { once } from "node:events";
import { join as joinPath } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { chat } from "../../../../server/lessons/chat/chat.ts";
import { ROOT } from "../../../support/imports.ts";
import { endLessons, join, run } from "../../../support/lesson.ts";
import { Program } from "../../../support/programs.ts";
import type { Talk } from "../../../support/tcp.ts";

afterEach(endLessons);

const GREETING = 3;

/** Waits for so many lines after those of the greeting, and returns them. */
async function lines(talk: Talk, count: number): Promise<string[]> {
  const all = () => Buffer.from(talk.received, "latin1").toString("utf8").split("\n");
  await talk.until(() => all().length > GREETING + count);
  return all().slice(GREETING, -1);
}

/** Comes in under a name, and has read the welcome. */
async function enter(port: number, name: string, ending = "\n"): Promise<Talk> {
  const talk = await join(port);
  talk.send(name + ending);
  await lines(talk, 1);
  return talk;
}

describe("a conversation", () => {
  test("begins with a greeting that asks for a name, and goes to everybody but the one who speaks", async () => {
    const { port } = await run(chat());
    const neo = await enter(port, "Neo");
    const trinity = await enter(port, "Trinity");
    const tank = await enter(port, "Tank");
    trinity.send("Follow the white rabbit.\n");
    const said = "Trinity: Follow the white rabbit.";
    expect(await lines(neo, 4)).toEqual([
      "* Welcome, Neo. Nobody else is here yet.",
      "* Trinity came in.",
      "* Tank came in.",
      said,
    ]);
    expect(await lines(tank, 2)).toEqual([
      "* Welcome, Tank. 3 are here: you, Neo and Trinity.",
      said,
    ]);
    expect(neo.received).toMatch(/^\* This is the chat\. .*\n\* \/who .*\n\* Your name\?\n/);
    expect(await lines(trinity, 2)).not.toContain(said);
  });

  test("needs no line endings: each read is a line", async () => {
    const { port } = await run(chat());
    const neo = await enter(port, "Neo", "");
    const trinity = await enter(port, "Trinity", "");
    neo.send("hello");
    expect((await lines(trinity, 2)).at(-1)).toBe("Neo: hello");
    neo.send("how are you");
    expect((await lines(trinity, 3)).at(-1)).toBe("Neo: how are you");
  });

  test("joins the pieces of a line for a client that ends its lines, and waits no longer than a second for the rest", async () => {
    const { port, follow } = await run(chat());
    const neo = await enter(port, "Neo");
    const trinity = await enter(port, "Trinity");
    const { bytes } = follow(neo);
    neo.send("one ");
    // At once: what comes a second later is another line.
    await expect.poll(() => bytes("recv"), { interval: 2 }).toBe(8);
    neo.send("line\nand");
    expect((await lines(trinity, 2)).at(-1)).toBe("Neo: one line");
    expect((await lines(trinity, 3)).at(-1)).toBe("Neo: and");
  });

  test("of somebody who is alone is answered as such", async () => {
    const { port } = await run(chat());
    const neo = await enter(port, "Neo");
    neo.send("hello?\n/who\n");
    expect((await lines(neo, 3)).slice(1)).toEqual([
      "* Nobody else is here to read that.",
      "* You are alone.",
    ]);
  });

  test("cannot be forged: controls and line separators arrive as escapes, after the name", async () => {
    const { port } = await run(chat());
    const [neo, smith] = [await enter(port, "Neo"), await enter(port, "* Neo: sm\u202eith")];
    smith.send("\u001b[2J\r* Neo left.\u2028\u202e\n");
    expect((await lines(neo, 3)).slice(1)).toEqual([
      "* Neo smith came in.",
      "Neo smith: \\x1b[2J\\r* Neo left.\\u2028\\u202e",
    ]);
  });
});

describe("names and commands", () => {
  test("a name that is taken or empty is asked for again, and nothing is said before", async () => {
    const { port } = await run(chat());
    const neo = await enter(port, "Neo");
    const other = await join(port);
    other.send("/who\n***\nNEO\nNeo 2\nhello\n");
    expect((await lines(other, 4)).slice(0, 4)).toEqual([
      "* First your name, please.",
      "* That leaves no name to be read. Another one?",
      "* Somebody here is called Neo. Another name?",
      "* Welcome, Neo 2. 2 are here: you and Neo.",
    ]);
    expect((await lines(neo, 3)).slice(1)).toEqual(["* Neo 2 came in.", "Neo 2: hello"]);
  });

  test("/name changes it, /who lists, and what is unknown is told what there is", async () => {
    const { port } = await run(chat());
    const [neo, other] = [await enter(port, "Neo"), await enter(port, "Trinity")];
    neo.send("/name The One\n/who\n/name TRINITY\n/dance now\n");
    expect((await lines(neo, 6)).slice(2)).toEqual([
      "* You are now called The One.",
      "* 2 are here: you and Trinity.",
      "* Somebody here is called Trinity. Another name?",
      "* There is no /dance. There are /who, /name NAME and /quit.",
    ]);
    expect((await lines(other, 2)).at(-1)).toBe("* Neo is now called The One.");
    // The old name is anybody's.
    await enter(port, "Neo");
  });

  test("/quit is answered and ends the conversation; the others are told once", async () => {
    const { port, follow } = await run(chat());
    const [neo, other] = [await enter(port, "Neo"), await enter(port, "Trinity")];
    const { told, over } = follow(neo);
    neo.send("/quit\nhello\n");
    expect((await neo.rest()).endsWith("* Goodbye.\n")).toBe(true);
    neo.socket.end();
    await over();
    expect(told().slice(-3)).toEqual(["shutdown", "recv 0", "close"]);
    other.send("/who\n");
    expect((await lines(other, 3)).slice(1)).toEqual(["* Neo left.", "* You are alone."]);
  });
});

describe("clients that go", () => {
  test("by ending their direction: what they said last is passed on, then they have left", async () => {
    const { port } = await run(chat());
    const [neo, other] = [await enter(port, "Neo"), await enter(port, "Trinity")];
    neo.socket.end("one line\nand the rest");
    await neo.rest();
    neo.socket.destroy();
    expect((await lines(other, 4)).slice(1)).toEqual([
      "Neo: one line",
      "Neo: and the rest",
      "* Neo left.",
    ]);
  });

  test("by RST: the others are told that they left, and talk on", async () => {
    const { port, follow } = await run(chat());
    const [neo, other] = [await enter(port, "Neo"), await enter(port, "Trinity")];
    const { told, over } = follow(neo);
    neo.socket.resetAndDestroy();
    await over();
    expect(told().at(-1)).toBe("reset");
    expect((await lines(other, 2)).at(-1)).toBe("* Neo left.");
    await enter(port, "Neo");
  });
});

describe("too much", () => {
  test("a client that talks too fast is read more slowly, every line of it arrives, and nobody else waits", async () => {
    const { port } = await run(chat());
    const [fast, calm, reader] = [
      await enter(port, "Fast"),
      await enter(port, "Calm"),
      await enter(port, "Reader"),
    ];
    fast.send(Array.from({ length: 25 }, (_, i) => `line ${i}\n`).join(""));
    calm.send("hello\n");
    const all = (await lines(reader, 27)).slice(1);
    expect(all.filter((line) => line.startsWith("Fast"))).toEqual(
      Array.from({ length: 25 }, (_, i) => `Fast: line ${i}`),
    );
    expect(all.indexOf("Calm: hello")).toBeLessThan(24);
  });

  test("pasted lines of which the last has no end do not silence who pasted them, also where the process stood still", async () => {
    const { port } = await run(chat());
    const [neo, trinity] = [await enter(port, "Neo"), await enter(port, "Trinity")];
    const sentAt = performance.now();
    neo.send(`${Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join("")}the rest`);
    // One of those that wait has just been said, and the rest has waited for nearly as long as it may: it is next.
    let said = 0;
    await trinity.until(() => {
      const before = said;
      said = trinity.received.length;
      return said > before && performance.now() - sentAt > 905;
    });
    const stoodAt = performance.now();
    while (performance.now() - stoodAt < 2_000);
    neo.send("\nheard again\n");
    await trinity.until(() => trinity.received.includes("Neo: the rest\n"));
    await expect.poll(() => trinity.received, { timeout: 10_000 }).toContain("Neo: heard again\n");
  });

  test("a flood costs bounded memory, nobody else waits, and it is sent away", async () => {
    const { port } = await run(chat({ patienceMs: 300 }), { log: () => {} });
    const [flood, calm] = [await enter(port, "Flood"), await enter(port, "Calm")];
    flood.socket.on("error", () => {});
    const before = process.memoryUsage().arrayBuffers;
    const block = Buffer.alloc(1024 * 1024, "x");
    for (let i = 0; i < 32; i++) flood.send(block);
    calm.send("/who\n");
    await calm.until(() => calm.received.includes("* 2 are here"));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    await flood.until(() => flood.received.includes("* That is too much for a chat. Goodbye."));
    await calm.until(() => calm.received.includes("* Flood left."));
  });

  test("when it is full, who comes is told so, and comes in once somebody has gone", async () => {
    const { port } = await run(chat({ mostClients: 1 }));
    const neo = await enter(port, "Neo");
    const late = await join(port);
    expect(await late.rest()).toBe("* The chat is full: 1 are here.\n");
    late.socket.end();
    neo.socket.end("/quit\n");
    await once(neo.socket, "close");
    await expect.poll(async () => (await enterIfRoom(port)).startsWith("* This")).toBe(true);
  });

  async function enterIfRoom(port: number): Promise<string> {
    const talk = await join(port);
    await talk.bytes(10);
    talk.socket.end();
    return talk.received;
  }

  test("close ends everybody, those too that never read, and frees the port", async () => {
    const { port, server } = await run(chat());
    const [neo, deaf] = [await enter(port, "Neo"), await enter(port, "Trinity")];
    deaf.socket.pause();
    const closed = server.close();
    await neo.rest();
    await closed;
    await expect(join(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("other programs", () => {
  test("the tutorial's client.py, which ends no lines, and nc, which does, read each other", async () => {
    const { port } = await run(chat());
    const client = joinPath(ROOT, "examples/client.py");
    const python = new Program("python3", [client, "127.0.0.1", `${port}`]);
    const nc = new Program("nc", ["127.0.0.1", `${port}`]);
    await nc.prints(/Your name\?\n/);
    nc.type("Tank\n");
    await nc.prints(/Welcome, Tank/);
    python.type("Neo\n");
    await nc.prints(/\* Neo came in\.\n/);
    python.type("Are you there?\n");
    await nc.prints(/Neo: Are you there\?\n/);
    nc.type("I am here\n");
    // client.py reads once after each line it sends, and so is behind.
    python.type("Good\n");
    await nc.prints(/Neo: Good\n/);
    await python.prints(/Tank: I am here/);
    await Promise.all([python.stop(), nc.stop()]);
  });
});
