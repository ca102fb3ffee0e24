/**
 * A page serves: nc, the example client, a program without Wireside and another page each have the
 * tutorial's conversation with it. Needs python3 (3.8 or newer) and nc (netcat-openbsd).
 */
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import type { Link } from "../../../web/link.ts";
import { Host } from "../../support/listening.ts";
import { Program } from "../../support/programs.ts";
import { openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

let wire: Wire;
let link: Link;
let host: Host;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  wire = await startWire();
  link = await openLink(wire);
  host = await new Host(link).listening();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  link.stop();
  await wire.stop();
});

function run(command: string, ...args: string[]): Program {
  const program = new Program(command, args);
  cleanups.push(() => program.stop());
  return program;
}

const CLIENT = fileURLToPath(new URL("../../../examples/client.py", import.meta.url));

/** Accepts the next visitor by hand. */
async function accept(): Promise<Talker> {
  const before = host.guests.length;
  host.listener.accept();
  return host.guest(before);
}

/** Answers as the tutorial's server does, by hand. */
async function answer(talker: Talker, request: string): Promise<void> {
  await talker.when(({ text }) => text.endsWith(request));
  if (!request.startsWith("close")) return talker.send("accepted");
  talker.send("closed");
  talker.channel.close();
}

describe("a page that serves", () => {
  test("nc", async () => {
    const nc = run("nc", "-N", "127.0.0.1", `${host.port}`);
    nc.type("Wake up, Neo\n");
    await host.when(({ door }) => door.waiting.length === 1);
    const talker = await accept();
    await answer(talker, "Wake up, Neo\n");
    await nc.prints(/^accepted$/);
    nc.type("close\n");
    await answer(talker, "close\n");
    await nc.prints(/^acceptedclosed$/);
    await talker.when(({ ended }) => ended);
  });

  test("examples/client.py", async () => {
    const client = run("python3", CLIENT, "127.0.0.1", `${host.port}`);
    await client.prints(/Enter message: $/);
    const talker = await accept();
    client.type("Wake up, Neo\n");
    await answer(talker, "Wake up, Neo");
    await client.prints(/Received: accepted\nEnter message: $/);
    client.type("close\n");
    await answer(talker, "close");
    await client.prints(/Connection to server closed\n$/);
    expect(await client.ended).toEqual({ code: 0, signal: null });
    await talker.when(({ ended }) => ended);
  });

  test("a program that ends its direction, and still gets the answer", async () => {
    const program = run(
      "python3",
      "-c",
      [
        "import socket, sys",
        's = socket.create_connection(("127.0.0.1", int(sys.argv[1])))',
        's.sendall(b"x" * 300000)',
        "s.shutdown(socket.SHUT_WR)",
        'print(s.makefile("rb").read().decode())',
      ].join("\n"),
      `${host.port}`,
    );
    const talker = await accept();
    await talker.when((t) => t.of("eof").length === 1);
    expect(talker.receivedBytes).toBe(300_000);
    talker.send(`${talker.receivedBytes} bytes`);
    talker.channel.shutdown();
    await program.prints(/^300000 bytes\n$/);
    await talker.when(({ ended }) => ended);
    expect(talker.of("eof").map(({ direction }) => direction)).toEqual(["out", "in"]);
    expect(talker.of("closed").map(({ by }) => by)).toEqual(["far"]);
  });

  test("another page of the gateway: each sees the other's calls", async () => {
    const other = await openLink(wire);
    cleanups.push(() => other.stop());
    const client = new Talker(other, host.port);
    await client.when((t) => t.of("open").length === 1);
    await host.when(({ door }) => door.waiting.length === 1);
    // Connected long before anybody accepts it, and what it sends is on its way.
    client.send("Wake up, Neo");
    await client.when((t) => t.of("data").length === 1);
    const server = await accept();
    await answer(server, "Wake up, Neo");
    await client.when(({ text }) => text === "accepted");
    client.send("close");
    await answer(server, "close");
    await client.when(({ text }) => text === "acceptedclosed");
    client.channel.shutdown();
    const isFarClosed = ({ events }: Talker) =>
      events.some(({ side, kind }) => side === "far" && kind === "closed");
    await Promise.all([client.when(isFarClosed), server.when(isFarClosed)]);

    expect(farCalls(server)).toEqual([
      "open",
      "out 0+12",
      "in 0+8",
      "out 12+5",
      "in 8+6",
      "eof in",
      "eof out",
      "closed",
    ]);
    expect(farCalls(client)).toEqual([
      "open",
      "out 0+12",
      "in 0+8",
      "out 12+5",
      "in 8+6",
      "eof in",
      "closed",
    ]);
    const accepted = client.events.find(({ side, kind }) => side === "far" && kind === "open");
    const [sent] = client.of("data");
    expect(accepted?.at).toBeGreaterThan(sent?.at ?? Number.POSITIVE_INFINITY);
  });
});

/** What was done at the far end, in short. */
const farCalls = ({ events }: Talker): string[] => events.filter(isFarCall).map(inShort);
const isFarCall = ({ side, kind }: ConversationEvent) => side === "far" && kind !== "kernel";

function inShort(event: ConversationEvent): string {
  if (event.kind === "data") return `${event.direction} ${event.offset}+${event.length}`;
  return event.kind === "eof" ? `eof ${event.direction}` : event.kind;
}
