/** What the terminal prints where the page is the server: the tutorial server's words, and every answer once. */
import { expect, test } from "vitest";
import type { ConversationEvent, Direction } from "../../../shared/conversation.ts";
import type { Channel } from "../../../web/model/carrier.ts";
import { Settings } from "../../../web/model/settings.ts";
import { Table } from "../../../web/model/table.ts";
import type { Mark } from "../../../web/terminal/gutter.ts";
import { shownInput } from "../../../web/terminal/input-view.ts";
import type { Part } from "../../../web/terminal/parts.ts";
import { planPaste } from "../../../web/terminal/paste.ts";
import { Script } from "../../../web/terminal/script.ts";
import { Sending } from "../../../web/terminal/sending.ts";
import { promptOf } from "../../../web/terminal/sent-line.ts";
import { MemoryCarrier } from "../../support/memory-carrier.ts";
import { data } from "../../support/recordings.ts";
import { eof, local, remote, torn, visited } from "../../support/served.ts";

/** A table whose visitor does what the test says, and its terminal's lines. */
class Served {
  readonly table: Table;
  readonly printed: Part[] = [];
  /** What the terminal said of itself. */
  readonly said: string[] = [];
  readonly #script: Script;
  readonly #sending: Sending;
  #follow: (event: ConversationEvent) => void = () => {};
  #pending = 0;
  #taken = 0;

  constructor(transport: "tcp" | "udp" = "tcp") {
    const guest = { n: 1, local, remote, fd: 4, transport };
    const table = new Table(new MemoryCarrier(), new Settings(null), guest, (follow) => {
      this.#follow = follow;
      return this.#channel();
    });
    this.table = table;
    const printer = { print: (part: Part) => void this.printed.push(part) };
    const gutter = { make: markOf, changed: () => {} };
    const parts = { talk: table, printer, gutter };
    const conversation = table.live;
    if (!conversation) throw new Error("a table has its conversation from the beginning");
    this.#script = new Script({ ...parts, recorded: false, announce: () => {} }, conversation);
    this.#sending = new Sending({
      ...parts,
      script: () => this.#script,
      say: (text) => void this.said.push(text),
    });
    const [arrival, ...rest] = visited();
    if (arrival)
      this.happens(
        transport === "udp" ? ({ ...arrival, transport } as ConversationEvent) : arrival,
        ...rest,
      );
  }

  happens(...events: ConversationEvent[]): void {
    for (const event of events) this.#follow(event);
  }

  /** The person at the terminal answers. */
  types(line: string): void {
    expect(this.#sending.line(line)).toBe(true);
  }

  /** The person pastes, and says that it shall be sent. @returns whether it was. */
  pastes(text: string): boolean {
    const plan = planPaste(text);
    if (!plan || plan.kind === "insert") throw new Error("nobody is asked about this paste");
    return this.#sending.paste(plan);
  }

  /** The page answers by itself. */
  answers(text: string): void {
    expect(this.table.sendBytes(new TextEncoder().encode(text))).toBeNull();
  }

  /** The kernel takes what waits to be sent. */
  taken(text: string): void {
    this.#pending -= text.length;
    this.happens(data(3, "in", this.#taken, text));
    this.#taken += text.length;
  }

  /** The lines, with the colours of their parts by name and the mark beside each. */
  get lines(): string[] {
    return this.printed.map(({ kind, text, mark }) => {
      const coloured = text
        .replaceAll("\x1b[0;33m", "<out>")
        .replaceAll("\x1b[0;34m", "<in>")
        .replace(/\x1b\[[\d;]*m/g, "");
      const beside = mark ? ` | ${mark.kind} ${mark.bytes}${mark.pending ? " pending" : ""}` : "";
      return `${kind === "output" ? "output: " : ""}${coloured}${beside}`;
    });
  }

  ctrlD(): void {
    this.#script.sayShutdown();
    this.table.shutdown();
  }

  #channel(): Channel {
    const pending = () => this.#pending;
    return {
      get pendingBytes() {
        return pending();
      },
      ending: false,
      send: (bytes) => {
        this.#pending += bytes.length;
      },
      shutdown: () => {},
      close: () => {},
      abort: () => {},
      unsend: () => 0,
      configure: () => {},
      consumed: () => {},
    };
  }
}

const markOf = (kind: Mark["kind"], bytes = 0, pending = false): Mark => ({
  ...{ kind, bytes, pending },
  ...{ marker: null, about: null },
});
const utf8 = (direction: Direction, offset: number, ...bytes: number[]) =>
  data(3, direction, offset, Uint8Array.from(bytes));

test("each read is a line of its own, though none of them ends one", () => {
  const served = new Served();
  served.happens(data(2.5, "out", 0, "Wake up, Neo"), data(2.6, "out", 12, "The Matrix has you\n"));
  served.types("accepted");
  served.taken("accepted");
  expect(served.lines).toEqual([
    "Accepted connection from 127.0.0.1:51402",
    "Received: <out>Wake up, Neo | out 12",
    "Received: <out>The Matrix has you | out 19",
    "Answer: <in>accepted | in 8",
  ]);
});

test("a character that two reads cut is whole in the second", () => {
  const served = new Served();
  served.happens(utf8("out", 0, 0x63, 0xc3), utf8("out", 2, 0xa9));
  expect(served.lines.slice(1)).toEqual(["Received: <out>c | out 2", "Received: <out>é | out 1"]);
  // One that never came to its end is shown for what it is, and not as another read.
  const cut = new Served();
  cut.happens(utf8("out", 0, 0xc3), eof(4, "out"));
  expect(cut.lines.slice(1, 3)).toEqual(["Received: <out> | out 1", "<out>\ufffd"]);
});

test("an answer that nobody typed is printed when the kernel took it, one that was typed only once", () => {
  const served = new Served();
  served.answers("accepted");
  served.types("hi");
  expect(served.lines.slice(1)).toEqual(["Answer: <in>hi | in 2 pending"]);
  served.taken("accepted");
  served.taken("hi");
  served.answers("closed");
  served.taken("closed");
  expect(served.lines.slice(1)).toEqual([
    "Answer: <in>hi | in 2",
    "Answer: <in>accepted | in 8",
    "Answer: <in>closed | in 6",
  ]);
  const ranges = served.printed.slice(1).map(({ mark }) => mark?.about?.range);
  expect(ranges).toEqual([
    { direction: "in", start: 8, end: 10 },
    { direction: "in", start: 0, end: 8 },
    { direction: "in", start: 10, end: 16 },
  ]);
});

test("answers typed and given by itself are told apart also where the kernel takes them together", () => {
  const served = new Served();
  served.types("one");
  served.answers("two");
  served.types("three");
  served.taken("onetwothree");
  expect(served.lines.slice(1)).toEqual([
    "Answer: <in>one | in 3",
    "Answer: <in>three | in 5",
    "Answer: <in>two | in 3",
  ]);
});

test("the client hangs up, and the page's own end stays open until it hangs up too", () => {
  const served = new Served();
  served.happens(eof(4, "out"));
  expect(served.lines.slice(1)).toEqual([
    "The client hung up. | fin-out 0",
    "Your end is still open: CLOSE_WAIT.",
    "Press Close to hang up too.",
  ]);
  expect(served.table.canSend).toBe(true);
  served.happens(eof(5, "in"), { kind: "closed", at: 5, side: "near", by: "far" });
  expect(served.lines.slice(4)).toEqual(["Connection to client closed | fin-in 0"]);
  expect(served.table.canSend).toBe(false);
  // Nobody can be called again by a server.
  expect(served.table.again()).toBe(false);
});

test("nobody is asked to press Close where canned answers hang up by themselves", () => {
  const served = new Served();
  served.table.canned = "echo";
  served.happens(eof(4, "out"));
  expect(served.lines.slice(1)).toEqual(["The client hung up. | fin-out 0"]);
});

test("a paste that cannot be sent says why: a file is, or a datagram would be too long", () => {
  const busy = new Served();
  busy.table.take({ stop: () => {} });
  expect(busy.pastes("one\ntwo")).toBe(false);
  expect(busy.said).toEqual(["Nothing was sent: a file is being sent."]);
  const datagrams = new Served("udp");
  expect(datagrams.pastes("x".repeat(70_000))).toBe(false);
  expect(datagrams.said).toEqual([
    "Nothing was sent: a UDP datagram carries 65,507 bytes at most.",
  ]);
  expect(datagrams.lines.join("\n")).not.toContain("Pasted");
});

test("Ctrl-D ends the page's direction, which goes left", () => {
  const served = new Served();
  served.ctrlD();
  served.happens(eof(4, "in"));
  expect(served.lines.at(-1)).toBe(
    "You ended your direction (FIN). The client may still send. | fin-in 0",
  );
});

test("a client that resets is said to have done so, and nobody is asked to connect again", () => {
  const served = new Served();
  served.happens(...torn.events.slice(2));
  expect(served.lines.slice(-2)).toEqual([
    expect.stringMatching(/^ConnectionResetError: .* \| rst 0$/),
    expect.not.stringContaining("server"),
  ]);
  expect(served.lines.join()).not.toContain("again");
});

test("the line being typed is asked for with Answer, in the colour of what goes left", () => {
  const view = { prompt: promptOf("server"), direction: "in", text: "acce", cursor: 4 } as const;
  const { head, before } = shownInput(view, { cols: 80, rows: 24 });
  expect([head, before]).toEqual(["\x1b[0;37mAnswer: \x1b[0;34m", "acce"]);
});
