/** The ladder's rows for conversations as people meet them. */
import { describe, expect, test } from "vitest";
import type { FailureCode } from "../../../shared/errors.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import { thickness } from "../../../web/model/ladder-layout.ts";
import type { LadderRow } from "../../../web/model/ladder-shapes.ts";
import { outline, Script, shapes, tutorial } from "./ladder-scenes.ts";

const patterns = (row: LadderRow | undefined, column: "client" | "server") =>
  shapes(row, "life")
    .filter((life) => life.column === column)
    .map((life) => (life.seen ? life.pattern : `${life.pattern}?`));

describe("the tutorial's conversation", () => {
  test("has a row for the opening, for each message and for the end, with the calls of both ends", () => {
    expect(outline(tutorial().ladder())).toEqual([
      "0.000 | client=SYN_SENT? | client=ESTABLISHED? | client:connect() | ~SYN | ~SYN+ACK | ~ACK | server=ESTABLISHED?",
      "(4.2 s idle) | 4.212 | client send 12 B | server recv 12 B | “Wake up, Neo”",
      "4.213 | server send 8 B | client recv 8 B | “accepted”",
      "(7.7 s idle) | 11.870 | client send 23 B | server recv 16 B | server recv 7 B | “Follow the white rabbit”",
      "11.871 | server send 8 B | server send 8 B | client recv 16 B | “accepted” “accepted”",
      "(6.5 s idle) | 18.402 | client send 5 B | server recv 5 B | “close”",
      "18.403 | server send 6 B | client recv 6 B | “closed”",
      "18.404 | client=CLOSE_WAIT | server=FIN_WAIT2 | FIN, hangs up | client:recv b'' | server:close()",
    ]);
  });

  test("splits a send that was read in two, and merges two sends that were read in one", () => {
    const ladder = tutorial().ladder();
    const [first, second] = shapes(ladder.row(3), "band");
    expect([first?.range, second?.range]).toEqual([
      { direction: "out", start: 12, end: 28 },
      { direction: "out", start: 28, end: 35 },
    ]);
    // At the sender they touch, at the receiver each has its own block, lower than it left.
    expect(second?.from[0]).toBe(first?.from[1]);
    expect(second?.to[0]).toBeGreaterThan(first?.to[1] ?? Infinity);
    expect(first?.to[0]).toBeGreaterThan(first?.from[0] ?? Infinity);
    const merged = shapes(ladder.row(4), "band");
    expect(merged[1]?.to[0]).toBe(merged[0]?.to[1]);
    expect(merged[1]?.from[0]).toBeGreaterThan(merged[0]?.from[1] ?? Infinity);
  });

  test("is spoken in one sentence a row", () => {
    expect(
      tutorial()
        .ladder()
        .rows.map((row) => row.spoken),
    ).toEqual([
      "0.000 s, connected to 127.0.0.1:8000 from 127.0.0.1:51234",
      "4.212 s, sent 12 bytes: Wake up, Neo",
      "4.213 s, read 8 bytes: accepted",
      "11.870 s, sent 23 bytes, read as 16 and 7: Follow the white rabbit",
      "11.871 s, read 16 bytes, sent as 8 and 8: acceptedaccepted",
      "18.402 s, sent 5 bytes: close",
      "18.403 s, read 6 bytes: closed",
      "18.404 s, the server ended its direction (FIN)",
    ]);
  });

  test("says only what was seen: added up calls as their number, unread bytes, a gap as none", () => {
    const said = (script: Script) =>
      script
        .ladder()
        .rows.at(-1)
        ?.spoken.replace(/^\S+ s, /, "");
    const seen = () => new Script().connected().accept().at(0.5);
    expect(said(seen().send("hello world").farRecv(11, 11))).toBe(
      "sent 11 bytes, read in 11 calls: hello world",
    );
    expect(said(seen().farSend(4, 4).at(0.6).read("ab").read("cd"))).toBe(
      "read 4 bytes as 2 and 2, sent in 4 calls: abcd",
    );
    expect(said(seen().send("hello"))).toBe("sent 5 bytes, not read yet: hello");
    expect(said(seen().send("hello").farRecv(4))).toBe("sent 5 bytes, 1 byte not read yet: hello");
    expect(said(seen().farSend(8))).toBe("the server sent 8 bytes, not read yet");
    const halves = seen().send("x".repeat(20));
    for (let i = 0; i < 20; i++) halves.farRecv(1);
    expect(said(halves)).toMatch(/^sent 9 of 20 bytes, read as 1, 1, 1, 1 and 5 more: x+$/);
    const gap = new Script().connected().at(0.5).read("abc");
    gap.add({
      ...{ kind: "data", direction: "in", offset: 100, length: 3 },
      bytes: new TextEncoder().encode("xyz"),
    });
    expect(said(gap)).toBe("read 3 bytes: xyz");
  });

  test("says nothing of reads where only the kernel's word of the server's socket is known", () => {
    const script = new Script().connected().kernel("far", "ESTABLISHED").at(0.5).send("hello");
    expect(script.ladder().row(1)?.spoken).toBe("0.500 s, sent 5 bytes: hello");
  });

  test("keeps its row, and its key, when the server's calls come late", () => {
    const script = new Script().connected().at(0.5).send("first").at(0.6).read("answer").at(0.7);
    const conversation = script.conversation();
    const ladder = new Ladder(conversation);
    const before = ladder.row(1);
    for (const event of script.farRecv(2).events.slice(-1)) conversation.append(event);
    expect(ladder.update()).toBe(true);
    const after = ladder;
    expect(after.row(1)?.key).toBe(before?.key);
    expect(after.row(1)).not.toBe(before);
    expect(outline(after)[1]).toBe("0.500 | client send 5 B | server recv 2 B | “first”");
    expect(shapes(after.row(1), "band").map((band) => band.arrives)).toEqual([true, false]);
    expect(after.row(1)?.spoken).toBe("0.500 s, sent 5 bytes, 3 bytes not read yet: first");
    expect(after.length).toBe(3);
  });
});

describe("an opening", () => {
  test("that is refused shows the dashed question and the dashed RST, in milliseconds, and no far socket", () => {
    const ladder = new Script().opening().attempt(9090).at(0.0002).error("ECONNREFUSED").ladder();
    expect(ladder.length).toBe(1);
    const row = ladder.row(0);
    expect(shapes(row, "packet")).toMatchObject([
      { direction: "in", label: "RST", note: "nobody here", head: "rst", seen: false, wrong: true },
      {
        direction: "out",
        label: "SYN",
        note: "may I talk to port 9090?",
        head: "arrow",
        seen: false,
      },
    ]);
    expect(shapes(row, "time").map((time) => time.text)).toEqual(["0.0 ms"]);
    expect(patterns(row, "client")).toEqual(["none?", "SYN_SENT?", "CLOSED?"]);
    expect(patterns(row, "server")).toEqual(["none?"]);
  });

  test.each<[FailureCode, string]>([
    ["CONNECT_TIMEOUT", "no answer"],
    ["ETIMEDOUT", "no answer"],
    ["EHOSTUNREACH", "no machine there answered"],
    ["CANCELLED", "you stopped waiting"],
  ])("that ends with %s shows a SYN and nothing that comes back", (code, note) => {
    const row = new Script().opening().attempt().at(10).error(code).ladder().row(0);
    expect(shapes(row, "packet").map((packet) => packet.label)).toEqual(["SYN"]);
    expect(shapes(row, "note").map(({ text }) => text)).toEqual([note]);
    expect(patterns(row, "client")).toEqual(["none?", "SYN_SENT?", "CLOSED?"]);
  });

  test.each<FailureCode>([
    "ENOTFOUND",
    "EAI_AGAIN",
    "NOT_ALLOWED",
    "GATEWAY_UNREACHABLE",
    "CANCELLED",
  ])(
    "that ends with %s before connect() shows no packet and says that nothing was sent",
    (code) => {
      const row = new Script().opening().at(0.1).error(code).ladder().row(0);
      expect(shapes(row, "packet")).toEqual([]);
      expect(shapes(row, "note").map(({ text }) => text)).toContain("nothing was sent");
      expect(patterns(row, "client")).toEqual(["none?"]);
    },
  );

  test("to what is no address shows no socket", () => {
    const row = new Script().error("BAD_ADDRESS").ladder().row(0);
    expect(shapes(row, "state")).toEqual([]);
    expect(patterns(row, "client")).toEqual(["none?"]);
  });

  test("shows no SYN before connect() was called, and one without answer after it", () => {
    const asked = new Script().opening();
    expect(outline(asked.ladder())).toEqual(["0.000 | asking the gateway to connect"]);
    expect(outline(asked.attempt().ladder())).toEqual([
      "0.000 | client=SYN_SENT? | client:connect() | ~SYN",
    ]);
  });

  test("has a row for each address that was tried", () => {
    const ladder = new Script().opening().attempt().at(0.1).attempt().at(0.2).open().ladder();
    expect(ladder.length).toBe(2);
    expect(shapes(ladder.row(0), "note").map(({ text }) => text)).toEqual([
      "this address did not work, the next one is tried",
    ]);
    expect(shapes(ladder.row(1), "packet").map(({ label }) => label)).toContain("SYN+ACK");
  });

  test("says when what waited for accept() was read, which is after it and not before", () => {
    const door = new Script().connected().at(1.2).send("Knock").at(4.5).accept();
    expect(outline(door.at(4.6).farRecv(5).ladder())).toEqual([
      expect.stringMatching(/^0\.000 /),
      "(1.2 s idle) | 1.200 | client send 5 B | server recv 5 B at 4.600 | “Knock”",
      "(3.3 s idle) | 4.500 | server:accept()",
    ]);
    const atOnce = new Script().connected().accept().send("Knock").at(0.9).farRecv(5).ladder();
    expect(outline(atOnce)[1]).toContain("server recv 5 B |");
  });

  test("shows accept() in its row when it came at once, and in its own when it came late", () => {
    expect(outline(new Script().connected().accept().ladder())[0]).toContain("server:accept()");
    const late = new Script().connected().at(5).accept().ladder();
    expect(outline(late)[1]).toBe("(5.0 s idle) | 5.000 | server:accept()");
  });
});

describe("the other end", () => {
  test("is hollow while nothing is seen of it, and bands end in the open", () => {
    const ladder = new Script().connected().at(0.5).send("hello").ladder();
    expect(patterns(ladder.row(1), "server")).toEqual(["hollow?"]);
    expect(shapes(ladder.row(1), "band")).toMatchObject([{ arrives: false }]);
    expect(shapes(ladder.row(1), "block").map((block) => block.column)).toEqual(["client"]);
  });

  test("is drawn in its states from the first row on once a call of it was seen", () => {
    const ladder = new Script().connected().at(0.5).send("hello").farRecv(5).ladder();
    expect(patterns(ladder.row(0), "server")).toEqual(["LISTEN?", "SYN_RECV?", "ESTABLISHED?"]);
    expect(patterns(ladder.row(1), "server")).toEqual(["ESTABLISHED?"]);
  });

  test("is seen in a state once the kernel said the same, without a row for that", () => {
    const script = new Script().connected();
    const rows = script.ladder().length;
    const seen = script
      .at(0.2)
      .kernel("near", "ESTABLISHED")
      .kernel("near", "ESTABLISHED", { unread: 7 });
    expect(seen.ladder().length).toBe(rows);
    expect(patterns(seen.ladder().row(0), "client").at(-1)).toBe("ESTABLISHED");
  });
});

describe("an end", () => {
  test("of one direction shows shutdown(), the FIN, the empty read and both states", () => {
    const script = new Script().connected().accept().at(0.6).eof("out").eof("out", "far");
    expect(outline(script.ladder())[1]).toBe(
      "0.600 | client=FIN_WAIT2? | server=CLOSE_WAIT? | FIN, no more to send | client:shutdown() | server:recv b''",
    );
  });

  test("of both directions leads through TIME_WAIT to CLOSED, which has a row", () => {
    const script = new Script().connected().accept().at(0.6).eof("out").eof("out", "far").at(0.7);
    script.closed("near", "far").eof("in").closed("near").kernel("near", "TIME_WAIT");
    const rows = outline(script.at(60.7).kernel("near", "CLOSED").ladder());
    expect(rows.slice(2)).toEqual([
      "0.700 | client=TIME_WAIT | server=CLOSED? | FIN, hangs up | client:recv b'' | server:close()",
      "(1 min 0 s idle) | 60.700 | client=CLOSED",
    ]);
  });

  test("that the server called for is only dashed until its FIN has arrived", () => {
    const script = new Script().connected().accept().at(0.6).eof("in", "far");
    expect(outline(script.ladder())[1]).toBe("0.600 | ~FIN, hangs up | server:shutdown()");
    expect(outline(script.eof("in").ladder())[1]).toContain("| FIN, hangs up |");
  });

  test("has the kernel's states in its row, also when the kernel told of them first", () => {
    const first = new Script().connected().accept().at(0.6).kernel("near", "CLOSE_WAIT");
    expect(outline(first.ladder())[1]).toBe("0.600 | client=CLOSE_WAIT");
    const told = first.kernel("far", "FIN_WAIT2").at(0.61).eof("in").closed("near", "far");
    expect(outline(told.ladder()).slice(1)).toEqual([
      "0.610 | client=CLOSE_WAIT | server=FIN_WAIT2 | FIN, hangs up | client:recv b'' | server:close()",
    ]);
    expect(told.ladder().rowOfEvent(4)).toBe(1);
    const second = told
      .at(0.9)
      .eof("out")
      .kernel("near", "LAST_ACK")
      .at(2)
      .kernel("near", "CLOSED");
    expect(outline(second.ladder()).slice(2)).toEqual([
      "0.900 | client=LAST_ACK | server=TIME_WAIT? | FIN, no more to send | client:shutdown()",
      "(1.1 s idle) | 2.000 | client=CLOSED",
    ]);
  });

  test("by RST is dashed and closes both ends", () => {
    const ladder = new Script().connected().accept().at(0.6).reset("in").ladder();
    expect(outline(ladder)[1]).toBe("0.600 | client=CLOSED? | server=CLOSED? | ~RST");
    expect(shapes(ladder.row(1), "packet")).toMatchObject([
      { head: "rst", wrong: true, direction: "in" },
    ]);
    const givenUp = new Script().connected().at(0.6).reset("out", "CANCELLED").ladder();
    expect(shapes(givenUp.row(1), "packet")).toMatchObject([{ direction: "out", wrong: false }]);
  });

  test("of the link has a note, and so has its return", () => {
    const rows = outline(
      new Script().connected().at(0.3).link("lost").at(0.4).link("resumed").ladder(),
    );
    expect(rows.slice(1)).toEqual([
      "0.300 | link to gateway lost; it keeps the socket for a while",
      "0.400 | link to gateway resumed, nothing lost",
    ]);
  });
});

describe("many calls", () => {
  const flood = () => {
    const script = new Script().connected();
    for (let i = 0; i < 1024; i++) script.at(0.5 + i / 320).read("x".repeat(64));
    return script;
  };

  test("in a short time are one row, which opens into rows and closes again", () => {
    const ladder = flood().ladder();
    expect(outline(ladder).slice(1)).toEqual(["0.500 | 1,024 reads, 65,536 B in 3.2 s"]);
    const bundle = ladder.row(1) as LadderRow;
    expect(bundle).toMatchObject({ opens: "closed", range: { start: 0, end: 65_536 } });
    ladder.toggle(bundle);
    expect(ladder.row(1)).toMatchObject({ key: bundle.key, opens: "open" });
    const blocks = ladder.rows.flatMap((row) => shapes(row, "block"));
    expect(blocks.length).toBe(1024);
    expect(ladder.rowOfEvent(1026)).toBe(ladder.length - 1);
    ladder.toggle(ladder.row(1) as LadderRow);
    expect(ladder.length).toBe(2);
    expect(ladder.rowOfEvent(1026)).toBe(1);
  });

  test("stay rows up to 24 in a second", () => {
    const script = new Script().connected();
    for (let i = 0; i < 24; i++) script.at(0.5 + i / 100).read("x");
    expect(script.ladder().length).toBe(25);
    expect(script.read("x").ladder().length).toBe(2);
  });

  test("are no flood any more after a second of silence, or once there is an answer", () => {
    expect(outline(flood().at(9).read("late").ladder()).at(-1)).toContain("client recv 4 B");
    expect(outline(flood().send("stop").ladder()).at(-1)).toContain("client send 4 B");
  });

  test("that answer each other too fast are one row as well", () => {
    const script = new Script().connected();
    for (let i = 0; i < 40; i++)
      script
        .at(0.5 + i / 100)
        .send("ping")
        .read("pong");
    expect(outline(script.ladder()).slice(1)).toEqual([
      "0.500 | 40 sends, 160 B and 40 reads, 160 B in 390 ms",
    ]);
  });

  test("of the server are counted where they are what the flood is made of", () => {
    const script = new Script().connected().accept().at(0.5).send("x".repeat(200));
    for (let i = 1; i <= 200; i++) script.at(0.5 + i / 1000).farRecv(1);
    expect(outline(script.ladder()).at(-1)).toBe(
      "0.500 | 1 send, 200 B, read in 200 calls in 200 ms",
    );
    expect(script.ladder().rows.at(-1)?.spoken).toBe(
      "0.500 s, 1 send, 200 bytes, read in 200 calls in 200 ms",
    );
    const ahead = new Script().connected().accept();
    for (let i = 0; i < 200; i++) ahead.at(0.5 + i / 1000).farSend(1);
    expect(outline(ahead.ladder()).at(-1)).toBe(
      "0.500 | the server sent 200 B in 200 calls in 199 ms",
    );
  });

  test("on one message go on in the next row, and both parts say so", () => {
    const script = new Script().connected().at(0.5).send("x".repeat(20));
    for (let i = 0; i < 20; i++) script.farRecv(1);
    const [first, second] = script.ladder().rows.slice(1);
    expect(shapes(first, "block")[0]).toMatchObject({
      label: "11 B of send 20 B",
      goesOn: { above: false, below: true },
    });
    expect(shapes(second, "block")[0]).toMatchObject({
      label: "9 B of send 20 B",
      goesOn: { above: true, below: false },
    });
  });
});

describe("the thickness of bytes", () => {
  test("grows with them, never below the smallest that can be seen, and never to a wall", () => {
    let before = 0;
    for (let bytes = 1; bytes < 2 ** 40; bytes = Math.ceil(bytes * 1.3)) {
      expect(thickness(bytes)).toBeGreaterThanOrEqual(before);
      before = thickness(bytes);
    }
    expect(thickness(1)).toBe(9);
    expect(thickness(23)).toBeGreaterThan(thickness(12));
    expect(thickness(65_536)).toBeLessThan(110);
    expect(before).toBe(160);
  });
});
