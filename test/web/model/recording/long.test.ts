/** Conversations so long that a page no longer keeps how they began: their files still say with whom they were. */
import { expect, test } from "vitest";
import { parseAddress } from "../../../../shared/address.ts";
import type { ConversationEvent } from "../../../../shared/conversation.ts";
import { Conversation, KEPT_EVENTS } from "../../../../web/model/conversation.ts";
import { read, writeJsonl } from "../../../../web/model/recording/jsonl.ts";
import { writePcapng } from "../../../../web/model/recording/pcapng.ts";
import { pythonProgram } from "../../../../web/model/recording/python.ts";
import { beginningOf, type Recording } from "../../../../web/model/recording/recording.ts";
import { writeText } from "../../../../web/model/recording/text.ts";
import { data, local, recorded, remote, whole } from "../../../support/recordings.ts";
import { dissect } from "../../../support/tshark.ts";

const joined = (parts: Iterable<string | Uint8Array>) => Buffer.from(whole(parts)).toString();

/** What is saved of a page's own call to an address, after as many reads as it keeps and more; few of those. */
function longTalk(text: string): Recording {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  const conversation = new Conversation();
  const { address } = parsed;
  const ends = { side: "near", local, remote } as const;
  const begins: ConversationEvent[] = [
    { kind: "opening", at: 0, side: "near", address },
    { kind: "attempt", at: 0.5, ...ends },
    { kind: "open", at: 1, ...ends },
  ];
  const piece = data(2, "in", 0, "x");
  const reads = Array.from({ length: KEPT_EVENTS * 1.1 }, (_, i) => ({ ...piece, offset: i }));
  conversation.appendAll([...begins, ...reads]);
  expect(conversation.forgotten).toBeGreaterThan(3);
  const beginning = beginningOf(conversation);
  const { forgotten, events } = conversation;
  return recorded([...beginning, ...events.slice(0, 9)], forgotten - beginning.length);
}

test.each(["tcp", "udp"])("of %s they name the address that was called", (scheme) => {
  const recording = longTalk(`${scheme}://127.0.0.1:8000`);
  const file = joined(writeJsonl(recording));
  expect(JSON.parse(file.split("\n")[0] ?? "").address).toBe(`${scheme}://127.0.0.1:8000`);
  const opened = read(file);
  expect(opened.problem).toBeNull();
  const replayed = new Conversation(0, opened.recording.forgotten);
  replayed.appendAll(opened.recording.events);
  expect(replayed.state).toMatchObject({ phase: "open", transport: scheme, local, remote });
  expect(joined(writeText(recording))).toContain(`with ${scheme}://127.0.0.1:8000`);
  const program = pythonProgram(recording);
  expect(program).toContain('HOST = "127.0.0.1"');
  expect(program).toContain("has not kept how the conversation began");
});

test("in a capture every call has its addresses and ports", async () => {
  const fields = ["exported_pdu.src_port", "exported_pdu.dst_port", "data.data"] as const;
  const packets = await dissect(whole(writePcapng(longTalk("tcp://127.0.0.1:8000"))), fields);
  expect(packets.at(-1)).toMatchObject({
    "exported_pdu.src_port": "8000",
    "exported_pdu.dst_port": "51234",
    "data.data": "78",
  });
});
