/** The page as a server, without a gateway: phases, door, tables, canned answers, and what is written down. */
import { describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import type { Canned } from "../../../web/model/canned.ts";
import type { Guest, StartChannel } from "../../../web/model/carrier.ts";
import { doorPlaces } from "../../../web/model/door-places.ts";
import { Replay } from "../../../web/model/replay.ts";
import { Serve } from "../../../web/model/serve.ts";
import { type Keep, Settings } from "../../../web/model/settings.ts";
import { Trace, traceHeight, traceX } from "../../../web/model/trace.ts";
import { visitNote } from "../../../web/model/visit-note.ts";
import { data, tutorial } from "../../support/recordings.ts";
import { HERE, MemoryVisitor, ServingCarrier } from "../../support/serving-carrier.ts";

class Memory implements Keep {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

function served(keep: Keep = new Memory()) {
  const carrier = new ServingCarrier();
  const time = { now: 1000 };
  const serve = new Serve(carrier, new Settings(keep), { now: () => time.now, date: () => 0 });
  const written = () => serve.journal.lines.map(({ text, who }) => `${text} ${who}`.trim());
  return { carrier, serve, time, written };
}

function listening(keep?: Keep) {
  const all = served(keep);
  all.serve.listen();
  all.carrier.follow?.listening(HERE, { backlog: 5, atOnce: false });
  return all;
}

describe("listening", () => {
  test("begins at 127.0.0.1:9090 with a backlog of 5, and remembers what was chosen", () => {
    const keep = new Memory();
    const { serve, carrier } = served(keep);
    expect(serve.phase).toBe("idle");
    serve.listen();
    expect(serve.phase).toBe("asking");
    serve.configure({ backlog: 2, atOnce: true });
    serve.answerAll("echo");
    expect(carrier.asked).toEqual(["listen 127.0.0.1:9090 5", "configure 2 true"]);
    const again = served(keep).serve;
    expect(again.options).toEqual({ backlog: 2, atOnce: true });
    expect(again.canned).toBe("echo");
  });

  test("in a class, proposes the first port that nobody of it has, until one is chosen", () => {
    const keep = new Memory();
    const { serve, carrier } = served(keep);
    const others = (page: ServingCarrier, ...ports: number[]) => {
      const reach = ports.map((port) => ({
        name: "Neo",
        address: `tcp://127.0.0.1:${port}`,
        about: "",
      }));
      Object.assign(page.status, { student: { frozen: false, reach } });
      page.become("live");
    };
    others(carrier, 8000);
    expect(serve.addressText).toBe("127.0.0.1:9090");
    others(carrier, 8000, 9090, 9092);
    expect(serve.addressText).toBe("127.0.0.1:9091");
    serve.listen();
    serve.configure({ backlog: 2 });
    expect(carrier.asked[0]).toBe("listen 127.0.0.1:9091 5");
    others(carrier);
    expect(serve.addressText).toBe("127.0.0.1:9091");

    // What was only proposed is not kept; what was chosen is, whoever else has it.
    const again = served(keep);
    others(again.carrier, 9090, 9091);
    expect(again.serve.addressText).toBe("127.0.0.1:9092");
    again.serve.addressText = "127.0.0.1:9090";
    again.serve.listen();
    const last = served(keep);
    others(last.carrier, 9090);
    expect(last.serve.addressText).toBe("127.0.0.1:9090");
  });

  test("is over when the gateway says so, and those who were accepted stay", () => {
    const { serve, carrier, written } = listening();
    carrier.accept();
    serve.stop();
    expect(serve.phase).toBe("ending");
    carrier.follow?.over(null);
    expect(serve.phase).toBe("idle");
    expect(serve.counts.open).toBe(1);
    expect(written()).toEqual([
      "Listening on 127.0.0.1:9090",
      "Accepted connection from 127.0.0.1:40001",
      "Stopped listening",
    ]);
  });

  test("that fails says why, and can be tried again elsewhere", () => {
    const { serve, carrier, written } = served();
    serve.listen();
    carrier.follow?.over({ code: "EADDRINUSE", detail: "", holders: [] });
    expect(serve.phase).toBe("failed");
    expect(serve.failure?.code).toBe("EADDRINUSE");
    expect(written()).toEqual(["Could not listen on 127.0.0.1:9090 EADDRINUSE"]);
    serve.listen("127.0.0.1:9091");
    expect(serve.failure).toBeNull();
    expect(carrier.asked.at(-1)).toBe("listen 127.0.0.1:9091 5");
  });

  test("on what is no address asks nobody", () => {
    const { serve, carrier } = served();
    serve.listen("over there");
    expect(serve.failure?.code).toBe("BAD_ADDRESS");
    expect(carrier.asked).toEqual([]);
  });

  test("goes on while the link is lost, which is written down once", () => {
    const { carrier, written } = listening();
    carrier.become("lost");
    carrier.become("lost");
    carrier.become("live");
    carrier.follow?.listening(HERE, { backlog: 5, atOnce: false });
    expect(written()).toEqual([
      "Listening on 127.0.0.1:9090",
      "Link to the gateway lost; it goes on listening",
      "Link to the gateway resumed",
    ]);
  });

  test("what one that was given up still says is about nothing any more", () => {
    const { serve, carrier } = served();
    serve.listen();
    const first = carrier.follow;
    first?.over({ code: "EACCES", detail: "", holders: [] });
    serve.listen();
    first?.listening(HERE, { backlog: 5, atOnce: false });
    expect(serve.phase).toBe("asking");
  });
});

describe("accepting", () => {
  test("waits, as accept(2) does, when nobody is at the door; and is not asked for twice", () => {
    const { serve, carrier } = listening();
    serve.accept();
    serve.accept();
    expect(carrier.asked.filter((what) => what === "accept")).toHaveLength(1);
    expect(serve.acceptingSince).toBe(1000);
    carrier.accept();
    expect(serve.acceptingSince).toBeNull();
    expect(serve.selected?.name).toBe("Visitor 1");
  });

  test("by hand brings the visitor to the front, at once interrupts nobody", () => {
    const { serve, carrier } = listening();
    carrier.accept();
    carrier.accept();
    expect(serve.selected?.name).toBe("Visitor 1");
    serve.accept();
    carrier.accept();
    expect(serve.selected?.name).toBe("Visitor 3");
  });

  test("the door's news are written down: who came, how many were refused and left", () => {
    const { carrier, written } = listening();
    carrier.door(2);
    carrier.door(2, { refused: 3 });
    carrier.door(1, { refused: 3, left: 1 });
    expect(written().slice(1)).toEqual([
      "At the door: 127.0.0.1:41000",
      "At the door: 127.0.0.1:41001",
      "Refused at the door: 3 visitors backlog full",
      "Left the door unaccepted: 1 visitor",
    ]);
  });
});

describe("those who were accepted", () => {
  test("wait for an answer from what they said first until something is sent", () => {
    const { serve, carrier, time } = listening();
    const visitor = carrier.accept();
    const [visit] = serve.visits;
    expect(visit?.owesSince).toBeNull();
    visitor.says("Wake up");
    time.now = 5000;
    visitor.says(", Neo");
    expect(visit?.owesSince).toBe(1000);
    expect(visit && visitNote(visit, 13_000, null)).toEqual({
      text: "waits for your answer, 12 s",
      urgent: true,
    });
    visit?.table.sendLine("accepted");
    expect(visit?.owesSince).toBeNull();
    expect(visit?.last).toEqual({ direction: "in", text: "accepted" });
    expect(visitor.got).toEqual(["accepted"]);
    expect(serve.counts).toEqual({ accepted: 1, open: 1, read: 12, sent: 8 });
  });

  test("that were here before the page was loaded anew have waited since then, as their traces show", () => {
    const { serve, time } = served();
    time.now = 200_000;
    const visitor = new MemoryVisitor(1, "tcp");
    const { n, remote } = visitor;
    const ends = { side: "near", local: HERE, remote } as const;
    serve.adopt([
      {
        guest: { n, local: HERE, remote, fd: 21, transport: "tcp" },
        ...{ startedAt: 0, forgotten: 0, waits: false },
        events: [
          { kind: "arrival", at: 0, ...ends },
          { kind: "open", at: 0, ...ends },
          data(10, "out", 0, "long ago"),
          data(11, "in", 0, "accepted"),
          data(100, "out", 8, "Wake up"),
          { kind: "state", at: 129, side: "near", link: "lost" },
          { kind: "state", at: 130, side: "near", link: "resumed" },
        ],
        start: (_follow, onPending) => visitor.start(() => {}, onPending),
      },
    ]);
    const [visit] = serve.visits;
    expect(visit?.owesSince).toBe(170_000);
    expect(visit?.trace.marks.map(({ at }) => at)).toEqual([170_000]);
  });

  test("go behind the others when they are over, and are counted when they are forgotten", () => {
    const { serve, carrier, written } = listening();
    const first = carrier.accept();
    carrier.accept();
    first.says("hello");
    first.hangsUp();
    expect(serve.visits[0]?.hasHungUp).toBe(true);
    first.isOver();
    expect(serve.visits.map(({ name }) => name)).toEqual(["Visitor 2", "Visitor 1"]);
    expect(written().at(-1)).toBe("Connection to client closed 127.0.0.1:40001");
    const over = serve.visits[1];
    if (over) serve.dismiss(over);
    expect(serve.visits.map(({ name }) => name)).toEqual(["Visitor 2"]);
    expect(serve.counts).toEqual({ accepted: 2, open: 1, read: 5, sent: 0 });
    expect(serve.selected?.name).toBe("Visitor 2");
  });

  test("of one socket and of the next have names of their own", () => {
    const { serve, carrier } = listening();
    carrier.accept();
    carrier.accept();
    serve.stop();
    carrier.follow?.over(null);
    serve.listen();
    carrier.follow?.listening(HERE, { backlog: 5, atOnce: false });
    // Each socket counts its visitors from 1.
    carrier.accept("tcp", 1);
    carrier.accept("tcp", 2);
    carrier.accept("tcp", 7);
    expect(serve.visits.map(({ name }) => name)).toEqual(
      [1, 2, 3, 4, 7].map((n) => `Visitor ${n}`),
    );
  });

  test("are forgotten when many are over, but never the one in front", () => {
    const { serve, carrier } = listening();
    for (let i = 0; i < 30; i++) carrier.accept().isOver();
    expect(serve.visits.length).toBeLessThanOrEqual(10);
    expect(serve.counts.accepted).toBe(30);
    expect(serve.visits).toContain(serve.selected);
  });

  test("that are open are not taken off the screen", () => {
    const { serve, carrier } = listening();
    carrier.accept();
    const [visit] = serve.visits;
    if (visit) serve.dismiss(visit);
    expect(serve.visits).toHaveLength(1);
  });
});

describe("canned answers", () => {
  const answered = (canned: Canned, ...said: string[]) => {
    const { serve, carrier } = listening();
    serve.answerAll(canned);
    const visitor = carrier.accept();
    for (const text of said) visitor.says(text);
    return visitor;
  };

  test("accepted says so to everything, echo gives it back", () => {
    expect(answered("accepted", "a", "close").got).toEqual(["accepted", "accepted"]);
    expect(answered("echo", "a", "bc").got).toEqual(["a", "bc"]);
    expect(answered("off", "a").got).toEqual([]);
  });

  test.each(["close", "CLOSE", "close\n", "close\r\n"])(
    "the tutorial's rules end at %j",
    (last) => {
      const visitor = answered("tutorial", "Wake up, Neo", last, "too late");
      expect(visitor.got).toEqual(["accepted", "closed"]);
      expect(visitor.ended).toBe("closed");
    },
  );

  test.each(["closed", "close it", "close\n\n", " close"])(
    "the tutorial's rules go on at %j",
    (text) => {
      const visitor = answered("tutorial", text);
      expect(visitor.got).toEqual(["accepted"]);
      expect(visitor.ended).toBe("no");
    },
  );

  test("hang up when the visitor does; a person decides that for themselves", () => {
    const canned = answered("echo", "a");
    canned.hangsUp();
    expect(canned.ended).toBe("closed");
    const typed = answered("off", "a");
    typed.hangsUp();
    expect(typed.ended).toBe("no");
  });

  test("are given to what a visitor had said before the page had its channel", () => {
    const { serve, carrier } = listening();
    serve.answerAll("echo");
    const visitor = new MemoryVisitor(1, "tcp");
    const { n, remote } = visitor;
    carrier.follow?.accepted(
      { n, local: HERE, remote, fd: 21, transport: "tcp" },
      (follow, onPending) => {
        const channel = visitor.start(follow, onPending);
        visitor.says("early");
        return channel;
      },
    );
    expect(visitor.got).toEqual(["early"]);
  });

  test("are given behind a recording that lies over the table", () => {
    const { serve, carrier } = listening();
    serve.answerAll("tutorial");
    const visitor = carrier.accept();
    const table = serve.visits[0]?.table;
    table?.show(new Replay(tutorial, { now: () => 0, soon: () => () => {} }));
    visitor.says("Wake up, Neo");
    visitor.says("close");
    expect(visitor.got).toEqual(["accepted", "closed"]);
    expect(visitor.ended).toBe("closed");
  });

  test("wait for the end of a file that is being sent, and so does hanging up", () => {
    const { serve, carrier } = listening();
    serve.answerAll("echo");
    const visitor = carrier.accept();
    const table = serve.visits[0]?.table;
    const file = { stop: () => {} };
    expect(table?.take(file)).toBeNull();
    table?.feed(new TextEncoder().encode("of the "));
    visitor.says("a");
    visitor.says("b");
    visitor.hangsUp();
    table?.feed(new TextEncoder().encode("file"));
    expect([visitor.got, visitor.ended]).toEqual([["of the ", "file"], "no"]);
    table?.release(file);
    expect(visitor.got).toEqual(["of the ", "file", "a", "b"]);
    expect(visitor.ended).toBe("closed");
  });

  describe("of a page that is loaded anew", () => {
    type Said = { heard: string } | { said: string } | { link: "lost" | "resumed" };

    /** Gives back a visitor with whom all this happened; `later` is what it says before it has a table again. */
    function again(story: readonly Said[], { later = "", waits = false } = {}): MemoryVisitor {
      const { serve } = served();
      serve.answerAll("echo");
      const visitor = new MemoryVisitor(1, "tcp");
      const guest: Guest = { n: 1, local: HERE, remote: visitor.remote, fd: 21, transport: "tcp" };
      const common = { at: 0, side: "near" } as const;
      const happened = story.map((each): ConversationEvent => {
        if ("link" in each) return { ...common, kind: "state", ...each };
        const direction = "heard" in each ? "out" : "in";
        const bytes = new TextEncoder().encode("heard" in each ? each.heard : each.said);
        return { ...common, kind: "data", direction, offset: 0, length: bytes.length, bytes };
      });
      const ends = { local: HERE, remote: visitor.remote };
      const events: ConversationEvent[] = [
        { ...common, kind: "arrival", ...ends },
        { ...common, kind: "open", ...ends },
        ...happened,
      ];
      const start: StartChannel = (follow, onPending) => {
        const channel = visitor.start((event) => event.kind === "data" && follow(event), onPending);
        if (later) visitor.says(later);
        return channel;
      };
      serve.adopt([{ guest, startedAt: 0, events, forgotten: 0, waits, start }]);
      return visitor;
    }

    const [lost, resumed] = [{ link: "lost" }, { link: "resumed" }] as const;

    test("come in the order in which the visitor spoke, also while it was being loaded", () => {
      const visitor = again([lost, { heard: "first" }, resumed], { later: "second" });
      expect(visitor.got).toEqual(["first", "second"]);
    });

    test("are given also where another load in between could do nothing", () => {
      const between = [lost, { heard: "first" }, resumed, lost, { heard: "second" }, resumed];
      expect(again(between).got).toEqual(["first", "second"]);
      expect(again([lost, { heard: "first" }, resumed, lost, resumed]).got).toEqual(["first"]);
    });

    test("are given once", () => {
      const first = [lost, { heard: "first" }, resumed, { said: "first" }];
      expect(again([...first, lost, { heard: "second" }, resumed]).got).toEqual(["second"]);
      expect(again(first).got).toEqual([]);
      // The answer is on its way.
      const onItsWay = [lost, { heard: "first" }, resumed, lost, { heard: "second" }, resumed];
      expect(again(onItsWay, { waits: true }).got).toEqual(["second"]);
    });
  });

  test("can be switched for one, and are then everybody's again", () => {
    const { serve, carrier } = listening();
    const [first, second] = [carrier.accept(), carrier.accept()];
    const [one] = serve.visits;
    if (one) one.table.canned = "echo";
    for (const each of [first, second]) each.says("a");
    expect([first.got, second.got]).toEqual([["a"], []]);
    serve.answerAll("accepted");
    for (const each of [first, second]) each.says("b");
    expect([first.got, second.got]).toEqual([["a", "accepted"], ["accepted"]]);
  });

  test("a visitor that never reads is read from no further, and goes on when it reads", () => {
    const { serve, carrier } = listening();
    serve.answerAll("echo");
    const visitor = carrier.accept();
    const [visit] = serve.visits;
    const live = visit?.table.live;
    if (!visit || !live) throw new Error("nobody was accepted");
    visitor.blocked = true;
    visitor.says(new Uint8Array(40_000));
    visit.table.consumed(live, 40_000);
    expect(visitor.consumed).toBe(40_000);
    visitor.says(new Uint8Array(40_000));
    visit.table.consumed(live, 40_000);
    expect(visitor.consumed).toBe(40_000);
    visitor.blocked = false;
    visitor.take();
    expect(visitor.consumed).toBe(80_000);
  });
});

describe("what is drawn", () => {
  const visitor = (n: number) => ({
    n,
    remote: { host: "127.0.0.1", port: n },
    since: 0,
    unread: null,
    ended: false,
  });

  test("places fill from the right: the first visitor stands nearest to accept()", () => {
    const waiting = [visitor(1), visitor(2)];
    const places = doorPlaces(5, waiting, { large: 2, small: 3 });
    expect(places.large.map(({ n }) => n)).toEqual([2, 1]);
    expect(places.free).toEqual([5, 4, 3]);
    expect(places.freeTotal).toBe(3);
  });

  test("of many, those that there is no room for are counted", () => {
    const waiting = Array.from({ length: 9 }, (_, i) => visitor(i + 1));
    const places = doorPlaces(20, waiting, { large: 2, small: 3 });
    expect(places.large.map(({ n }) => n)).toEqual([2, 1]);
    expect(places.small.map(({ n }) => n)).toEqual([5, 4, 3]);
    expect(places).toMatchObject({ more: 4, free: [], freeTotal: 11 });
  });

  test("the trace keeps a minute, and adds up what comes close together", () => {
    const trace = new Trace();
    trace.add("data", "out", 1, 0);
    for (let i = 0; i < 1000; i++) trace.add("data", "out", 1, 100_000 + i);
    trace.add("fin", "out", 0, 101_000);
    expect(trace.marks.length).toBeLessThan(8);
    expect(trace.marks.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(1000);
    const [first] = trace.marks;
    if (!first) throw new Error("no mark");
    expect(traceX(first, 100_000, 160)).toBe(160);
    expect(traceX(first, 130_000, 160)).toBe(80);
    expect(traceX(first, 160_001, 160)).toBeNull();
    expect(traceHeight({ ...first, bytes: 1e9 }, 12)).toBe(12);
  });
});
