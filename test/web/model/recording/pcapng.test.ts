/** Captures as Wireshark reads them. */
import { describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../../shared/conversation.ts";
import { writePcapng } from "../../../../web/model/recording/pcapng.ts";
import { data, recorded, tutorial, whole } from "../../../support/recordings.ts";
import { dissect } from "../../../support/tshark.ts";

const fields = [
  "frame.number",
  "frame.time_epoch",
  "ip.src",
  "ip.dst",
  "ipv6.src",
  "ipv6.dst",
  "exported_pdu.port_type",
  "exported_pdu.src_port",
  "exported_pdu.dst_port",
  "data.data",
  "frame.comment",
  "frame.packet_flags_direction",
  "frame.cap_len",
  "frame.len",
  "_ws.expert.severity",
] as const;

const packetsOf = (recording: typeof tutorial) => dissect(whole(writePcapng(recording)), fields);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const [inbound, outbound] = ["0x00000001", "0x00000002"];
/** Wireshark's severity of what is only a comment. */
const COMMENT = "1048576";

describe("a conversation as pcapng, read by tshark,", () => {
  test("has each call with its addresses, ports, bytes and time, in order", async () => {
    const packets = await packetsOf(tutorial);
    const said = tutorial.events.filter(({ side, kind }) => side === "near" && kind !== "kernel");
    expect(packets.length).toBe(said.length);
    for (const [i, event] of said.entries()) {
      const packet = packets[i];
      const microseconds = (tutorial.startedAt + event.at * 1000) * 1000;
      expect(Math.round(Number(packet?.["frame.time_epoch"]) * 1e6)).toBe(Math.round(microseconds));
      expect(packet?.["data.data"]).toBe(event.kind === "data" ? hex(event.bytes) : "");
    }
    const sent = {
      "ip.src": "127.0.0.1",
      "ip.dst": "127.0.0.1",
      "exported_pdu.port_type": "2",
      "exported_pdu.src_port": "51234",
      "exported_pdu.dst_port": "8000",
      "frame.packet_flags_direction": outbound,
      "frame.comment": "sent 12 B",
    };
    const read = {
      "exported_pdu.src_port": "8000",
      "exported_pdu.dst_port": "51234",
      "frame.packet_flags_direction": inbound,
      "frame.comment": "read 8 B",
    };
    expect(packets.slice(3, 5)).toMatchObject([sent, read]);
  });

  test("tells how it began and ended in comments of packets without bytes", async () => {
    const packets = await packetsOf(tutorial);
    const silent = packets.filter((packet) => packet["data.data"] === "");
    expect(silent.map((packet) => packet["frame.comment"])).toEqual([
      "connecting to tcp://127.0.0.1:8000",
      "connect() from 127.0.0.1:51234 to 127.0.0.1:8000",
      "connected to 127.0.0.1:8000 from 127.0.0.1:51234",
      "the server ended its direction (FIN)",
      "you ended your direction (FIN)",
      "you hung up: the connection is closed",
    ]);
  });

  test("says for whom it is read that these are no packets", () => {
    const capture = Buffer.from(whole(writePcapng(tutorial))).toString("latin1");
    expect(capture).toContain("A conversation with tcp://127.0.0.1:8000.");
    expect(capture).toContain("These are calls and not packets.");
    const late = Buffer.from(whole(writePcapng(recorded([], 12)))).toString("latin1");
    expect(late).toContain("Its first 12 events were no longer kept.");
  });

  test("has nothing that Wireshark finds wrong", async () => {
    for (const packet of await packetsOf(tutorial)) {
      expect(packet["_ws.expert.severity"]).toBe(COMMENT);
    }
  });

  test("has IPv6 addresses, and of the kernel's zone only the address", async () => {
    const local = { host: "fe80::1%eth0", port: 50_000 };
    const remote = { host: "2001:db8::7", port: 9 };
    const events: ConversationEvent[] = [
      { kind: "open", at: 0, side: "near", local, remote },
      data(1, "out", 0, "é"),
      { kind: "reset", at: 2, side: "near", direction: "in", code: "ECONNRESET", detail: "" },
    ];
    const [, sent, reset] = await packetsOf(recorded(events));
    expect(sent).toMatchObject({
      "ipv6.src": "fe80::1",
      "ipv6.dst": "2001:db8::7",
      "exported_pdu.dst_port": "9",
      "data.data": "c3a9",
    });
    expect(reset).toMatchObject({
      "ipv6.src": "2001:db8::7",
      "frame.comment": "the server reset the connection (RST)",
    });
  });

  test("has a read of 64 KiB whole, and says of a piece that was not kept how long it was", async () => {
    const large = new Uint8Array(65_536).map((_, i) => i * 31);
    const short = { ...data(2, "in", 65_536, "begin"), length: 90_000 };
    const packets = await packetsOf(recorded([data(1, "in", 0, large), short]));
    expect(packets[0]?.["data.data"]).toBe(hex(large));
    expect(packets[1]?.["data.data"]).toBe(hex(short.bytes));
    const [kept, was] = [packets[1]?.["frame.cap_len"], packets[1]?.["frame.len"]];
    expect(Number(was) - Number(kept)).toBe(90_000 - short.bytes.length);
  });

  test("has no address of a connection whose beginning was no longer kept", async () => {
    const [packet] = await packetsOf(recorded([data(9, "in", 700, "late")], 40));
    expect(packet).toMatchObject({
      "ip.src": "",
      "exported_pdu.src_port": "",
      "data.data": hex(Buffer.from("late")),
    });
  });
});
