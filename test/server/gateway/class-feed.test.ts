/** What a teacher's page is told of the one who is shown large, when there was more than one message may have. */
import { describe, expect, test } from "vitest";
import { ClassFeed } from "../../../server/gateway/class-feed.ts";
import type { Recorded } from "../../../server/gateway/recorder.ts";
import type { Followed } from "../../../shared/classroom.ts";
import type { ConversationEvent, Role } from "../../../shared/conversation.ts";
import type { Conversation } from "../../../web/model/conversation.ts";
import { FollowedReader } from "../../../web/model/wall-followed.ts";
import { data } from "../../support/recordings.ts";
import { eof, local, remote, visited } from "../../support/served.ts";

const address = { scheme: "udp", host: remote.host, port: remote.port } as const;
const recorded = (role: Role, key = "one"): Recorded => ({
  ...{ key, role, user: "student", ch: 1, startedAt: 0 },
  address: role === "client" ? address : { scheme: "tcp", host: local.host, port: local.port },
});
const ends = { side: "near", local: remote, remote: local } as const;
const dialled: ConversationEvent[] = [
  { kind: "opening", at: 0, side: "near", address },
  { kind: "attempt", at: 0.1, ...ends },
  { kind: "open", at: 0.2, ...ends },
];

/** So many words of both ends in turn, told when they are so old that nobody is in haste. */
function chat(count: number): ConversationEvent[] {
  return Array.from({ length: count }, (_, i) =>
    data(3 + i, i % 2 === 0 ? "out" : "in", Math.floor(i / 2) * 2, "hi"),
  );
}

/** What a page knows that begins to look at it now. */
function looked(feed: ClassFeed): Conversation {
  const reader = new FollowedReader();
  const heard: Followed[] = [];
  feed.follow((message) => heard.push(message))();
  for (const message of heard) {
    expect(message.lines.length).toBeLessThanOrEqual(200);
    expect(reader.take(message)).toBe(true);
  }
  if (!reader.now) throw new Error("nothing was told");
  return reader.now.conversation;
}

describe("a conversation that is longer than what is kept of it", () => {
  test("is still the server's where the student serves, with its states", () => {
    const feed = new ClassFeed("s1");
    const conversation = recorded("server");
    for (const event of [...visited(), ...chat(600), eof(700, "out")]) {
      feed.event(conversation, event);
    }
    feed.show("one");
    const { state, forgotten, events } = looked(feed);
    expect(state).toMatchObject({ role: "server", phase: "open", local, remote });
    expect(state).toMatchObject({ near: "CLOSE_WAIT", far: "FIN_WAIT2" });
    expect(forgotten + events.length).toBe(603);
  });

  test("is still what it was where the student called somebody, over UDP too", () => {
    const feed = new ClassFeed("s1");
    for (const event of [...dialled, ...chat(600)]) feed.event(recorded("client"), event);
    feed.show("one");
    expect(looked(feed).state).toMatchObject({ transport: "udp", phase: "open", address });
  });

  test("begins as it did, of which nothing else is kept because there were others", () => {
    const feed = new ClassFeed("s1");
    for (const event of [...visited(), ...chat(10)]) feed.event(recorded("server"), event);
    for (const key of ["two", "three", "four"]) {
      for (const event of dialled) feed.event(recorded("client", key), event);
    }
    feed.event(recorded("server"), data(50, "in", 10, "still here"));
    feed.show("one");
    const { state, forgotten, events } = looked(feed);
    expect(state).toMatchObject({ role: "server", phase: "open" });
    expect(events.map(({ kind }) => kind)).toEqual(["arrival", "open", "data"]);
    expect(forgotten).toBe(10);
  });
});
