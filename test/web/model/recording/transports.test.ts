/** Files of conversations over UDP, TLS and Unix sockets: true for each, and run where they are programs. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Address } from "../../../../shared/address.ts";
import type { ConversationEvent } from "../../../../shared/conversation.ts";
import { writeAsciicast } from "../../../../web/model/recording/asciicast.ts";
import { read, writeJsonl } from "../../../../web/model/recording/jsonl.ts";
import { writePcapng } from "../../../../web/model/recording/pcapng.ts";
import { pythonProgram } from "../../../../web/model/recording/python.ts";
import { writeText } from "../../../../web/model/recording/text.ts";
import { Program } from "../../../support/programs.ts";
import { data, local, recorded, remote, whole } from "../../../support/recordings.ts";
import { listenStream } from "../../../support/streams.ts";
import { dissect } from "../../../support/tshark.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const near = (fields: object) => ({ at: 9, side: "near", ...fields }) as ConversationEvent;

/** The tutorial's conversation with this address, in short. */
function talk(address: Address): ConversationEvent[] {
  const isUnix = address.scheme === "unix";
  const ends = isUnix
    ? { local: { host: "", port: 0 }, remote: { host: address.host, port: 0 } }
    : { local, remote };
  return [
    near({ kind: "opening", at: 0, address }),
    near({ kind: "open", at: 1, ...ends }),
    data(2, "out", 0, "Wake up, Neo"),
    data(3, "in", 0, "accepted"),
    data(4, "out", 12, "close"),
    data(5, "in", 8, "closed"),
  ];
}

const ended = [
  near({ kind: "eof", direction: "out" }),
  near({ kind: "eof", direction: "in" }),
  near({ kind: "closed", by: "near" }),
];
const udp: Address = { scheme: "udp", host: "127.0.0.1", port: 8000 };
const tls: Address = { scheme: "tls", host: "127.0.0.1", port: 8000 };
const unix: Address = { scheme: "unix", host: '/run/"""a\\b".sock', port: 0 };
const text = (parts: Iterable<string | Uint8Array>) => Buffer.from(whole(parts)).toString();

function run(events: ConversationEvent[], change = (program: string) => program): Program {
  const folder = mkdtempSync(join(tmpdir(), "wireside-python-"));
  const file = join(folder, "talk.py");
  writeFileSync(file, change(pythonProgram(recorded(events))));
  const program = new Program("python3", [file]);
  cleanups.push(
    () => rmSync(folder, { recursive: true }),
    () => program.stop(),
  );
  return program;
}

const answers = (said: Buffer) => (String(said).includes("close") ? "closed" : "accepted");

describe("a Python program", () => {
  test.each(["unix", "tls"] as const)("has its conversation over %s again", async (kind) => {
    const far = await listenStream(kind);
    cleanups.push(() => far.close());
    const events = [...talk(far.address), ...ended];
    const [, ca = ""] = far.flags;
    const trusting = (program: string) =>
      program.replace(
        "context = ssl.create_default_context()",
        `context = ssl.create_default_context(cafile="${ca}")`,
      );
    const program = run(events, kind === "tls" ? trusting : undefined);
    const { stream } = await far.accepted();
    stream.on("data", (said: Buffer) => stream.write(answers(said)));
    stream.on("end", () => stream.end());
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain("Received 8 bytes: b'accepted'\nReceived 6 bytes: b'closed'");
    expect(program.output).not.toContain("did not");
  });

  test("that gives up after it has ended TLS, resets and complains of nothing", async () => {
    const far = await listenStream("tls");
    cleanups.push(() => far.close());
    const [, ca = ""] = far.flags;
    const said = [...talk(far.address).slice(0, 4), near({ kind: "eof", direction: "out" })];
    const reset = near({ kind: "reset", direction: "out", code: "CANCELLED", detail: "" });
    const program = run([...said, reset], (source) =>
      source.replace("default_context()", `default_context(cafile="${ca}")`),
    );
    const { stream } = await far.accepted();
    const failed = once(stream, "error");
    stream.on("data", (bytes: Buffer) => stream.write(answers(bytes)));
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain("Received 8 bytes: b'accepted'\nConnection to server closed");
    expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
  });

  test("sends the same datagrams over UDP, and waits for as many", async () => {
    const far = createSocket("udp4");
    cleanups.push(() => far.close());
    far.bind(0, "127.0.0.1");
    await once(far, "listening");
    const said: string[] = [];
    far.on("message", (bytes, { port, address }) => {
      said.push(String(bytes));
      far.send(answers(bytes), port, address);
    });
    const program = run(talk({ ...udp, port: far.address().port }));
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(said).toEqual(["Wake up, Neo", "close"]);
    expect(program.output).toContain("Received 8 bytes: b'accepted'\nReceived 6 bytes: b'closed'");
  });

  test("cannot be broken out of by the path of a socket", async () => {
    const program = run([near({ kind: "opening", at: 0, address: unix })], (source) =>
      source.replace("connection.connect(PATH)", "print(PATH)"),
    );
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(program.output).toContain(unix.host);
  });
});

describe("a capture, read by tshark,", () => {
  const fields = ["exported_pdu.port_type", "ip.dst", "data.data", "frame.comment"] as const;
  const packets = (address: Address) =>
    dissect(whole(writePcapng(recorded(talk(address)))), fields);

  test("of UDP has UDP's ports", async () => {
    const [, open, sent] = await packets(udp);
    expect(sent).toMatchObject({ "exported_pdu.port_type": "3", "ip.dst": "127.0.0.1" });
    expect(open?.["frame.comment"]).toContain("UDP: no connection");
  });

  test("of a Unix socket has neither addresses nor ports, and the path in a comment", async () => {
    const [, open, sent] = await packets({ ...unix, host: "/run/x.sock" });
    expect(sent).toMatchObject({ "exported_pdu.port_type": "", "ip.dst": "" });
    expect(sent?.["data.data"]).toBe(Buffer.from("Wake up, Neo").toString("hex"));
    expect(open?.["frame.comment"]).toBe("connected to /run/x.sock");
  });

  test("of TLS says that its bytes are those inside", () => {
    expect(text(writePcapng(recorded(talk(tls))))).toContain("those inside TLS");
  });
});

describe("a terminal recording and a text", () => {
  test("of UDP speak of no connection", () => {
    const events = [...talk(udp), near({ kind: "undelivered", count: 2, code: "ECONNREFUSED" })];
    const over = [...events, near({ kind: "closed", by: "near" })];
    const cast = text(writeAsciicast(recorded(over)));
    expect(cast).toContain("Sending to 127.0.0.1:8000 (UDP: no connection)");
    expect(cast).toContain("2 datagrams came to nothing");
    expect(cast).toContain("Socket closed");
    expect(cast).not.toMatch(/Connected|FIN|RST/);
    const written = text(writeText(recorded(over)));
    expect(written).toContain("sending to 127.0.0.1:8000 from 127.0.0.1:51234");
    expect(written).not.toMatch(/connected to|FIN/);
  });

  test("of a Unix socket know no FIN and no RST", () => {
    const over = [...talk({ ...unix, host: "/run/x.sock" }), ...ended];
    expect(text(writeAsciicast(recorded(over)))).not.toMatch(/FIN|RST/);
    expect(text(writeText(recorded(over)))).not.toMatch(/FIN|RST|unnamed/);
  });

  test("of TLS have the certificate, whatever is in its names", () => {
    const shown = near({
      kind: "tls",
      at: 1,
      protocol: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      subject: "evil\u202e\u001b[2J",
      issuer: "Example CA",
      altNames: [],
      validFrom: "2026-01-01T00:00:00.000Z",
      validTo: "2027-03-01T00:00:00.000Z",
      fingerprint256: "AB",
      trusted: true,
    });
    const events = [...talk(tls).slice(0, 2), shown, ...talk(tls).slice(2)];
    for (const write of [writeAsciicast, writeText]) {
      const written = text(write(recorded(events)));
      expect(written).toContain("issued by Example CA, until 2027-03-01");
      expect(written).not.toMatch(/\u202e|evil[^\n]*\u001b\[2J/);
    }
    const again = read(whole(writeJsonl(recorded(events))));
    expect(again.problem).toBeNull();
    expect(again.recording.events).toEqual(events);
  });
});
