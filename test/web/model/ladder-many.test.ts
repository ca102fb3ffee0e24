/** The ladder of very many events: what it costs, and what stays when the oldest are forgotten. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { Conversation, KEPT_EVENTS } from "../../../web/model/conversation.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import type { LadderRow } from "../../../web/model/ladder-shapes.ts";
import { outline, Script, shapes } from "./ladder-scenes.ts";

const bytes = new Uint8Array([120]);

/** A read of one byte each, `every` seconds. */
function reads(count: number, every: number): ConversationEvent[] {
  return Array.from({ length: count }, (_, i): ConversationEvent => {
    const at = 0.5 + i * every;
    return { kind: "data", at, side: "near", direction: "in", offset: i, length: 1, bytes };
  });
}

function filled(events: readonly ConversationEvent[]): Conversation {
  const conversation = new Conversation(0);
  for (const event of new Script().connected().events) conversation.append(event);
  for (const event of events) conversation.append(event);
  return conversation;
}

/** The shortest of a few runs in milliseconds: other programs only ever make a run longer. */
function shortest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    run();
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

/** Some of the rows, and what all of them add up to. */
function sample(ladder: Ladder) {
  const rows = ladder.rows.filter((_, i) => i < 20 || i % 100 === 0 || i > ladder.length - 20);
  const plain = rows.map(({ key, top, height, shapes, spoken }) => [
    key,
    top,
    height,
    shapes,
    spoken,
  ]);
  return { length: ladder.length, height: ladder.height, plain };
}

describe("the ladder of very many events", () => {
  test.each([
    ["a flood", 0.001],
    ["slow messages", 2],
  ])("costs by what is new: one more event of %s is far cheaper than all of them", (_, every) => {
    const all = reads(12_000, every);
    const conversation = filled(all.slice(0, 10_000));
    const building = shortest(() => void new Ladder(conversation).height);
    const ladder = new Ladder(conversation);
    let next = 10_000;
    const updating = shortest(() => {
      for (let i = 0; i < 10; i++) {
        conversation.append(all[next++] as ConversationEvent);
        ladder.update();
        expect(ladder.row(ladder.rowAt(ladder.height))?.shapes.length).toBeGreaterThan(0);
      }
    });
    expect(updating).toBeLessThan(building);
  });

  test("costs little more when the server reads late, and otherwise than was sent", () => {
    const sends = 12_000;
    const lagging = new Script().connected();
    for (let i = 0; i < sends; i++) lagging.at(i).send("0123456789");
    lagging.farRecv(15);
    for (let i = 2; i < sends; i++) lagging.at(sends + i * 2).farRecv(10);
    const late = lagging.conversation();
    const prompt = filled(reads(2 * sends, 2));
    const inTime = shortest(() => void new Ladder(prompt).height);
    expect(shortest(() => void new Ladder(late).height)).toBeLessThan(inTime * 12);
  });

  test("shows a row for what is forgotten, and the same rows as one that is made afresh", () => {
    const events = reads(KEPT_EVENTS * 1.1 + 50, 0.001);
    const conversation = filled(events.slice(0, -100));
    const ladder = new Ladder(conversation);
    ladder.toggle(ladder.row(1) as LadderRow);
    expect(conversation.forgotten).toBe(0);
    for (const event of events.slice(-100)) {
      conversation.append(event);
      ladder.update();
    }
    expect(conversation.forgotten).toBeGreaterThan(0);
    const forgotten = conversation.forgotten.toLocaleString("en");
    expect(ladder.row(0)?.spoken).toBe(`${forgotten} earlier events are no longer kept`);
    expect(ladder.rowAt(0)).toBe(0);
    expect(ladder.rowOfEvent(17)).toBe(0);
    // What was open stays open, and the numbers of events are those they always had.
    expect(ladder.row(1)?.opens).toBe("open");
    const last = conversation.total - 1;
    expect(ladder.row(ladder.rowOfEvent(last))?.last).toBe(last);
    const fresh = new Ladder(conversation);
    fresh.toggle(fresh.row(1) as LadderRow);
    expect(sample(ladder)).toEqual(sample(fresh));
  });

  test("knows the states of both ends when the events that led to them are forgotten", () => {
    const conversation = new Conversation(0);
    const events = reads(KEPT_EVENTS * 1.1, 1e-6);
    const script = new Script().connected().at(0.4).eof("out").at(200).eof("in");
    for (const event of script.events.slice(0, -1)) conversation.append(event);
    for (const event of events) conversation.append(event);
    for (const event of script.events.slice(-1)) conversation.append(event);
    const ladder = new Ladder(conversation);
    expect(ladder.row(1)?.shapes).toContainEqual(
      expect.objectContaining({ kind: "life", column: "client", pattern: "FIN_WAIT2" }),
    );
    expect(outline(ladder).at(-1)).toContain("client=TIME_WAIT?");
  });

  test("of datagrams has no state of TCP, though nothing is kept of how it began", () => {
    const parsed = parseAddress("udp://127.0.0.1:8000");
    if (!parsed.ok) throw new Error(parsed.problem);
    const conversation = new Conversation(0);
    const [, ...after] = new Script().connected().events;
    conversation.append({ kind: "opening", at: 0, side: "near", address: parsed.address });
    conversation.appendAll([...after, ...reads(KEPT_EVENTS * 1.1, 1e-6)]);
    expect(conversation.forgotten).toBeGreaterThan(0);
    const { rows } = new Ladder(conversation);
    const patterns = rows.flatMap((row) => shapes(row, "life").map(({ pattern }) => pattern));
    expect(new Set(patterns)).toEqual(new Set(["none", "hollow"]));
  });
});
