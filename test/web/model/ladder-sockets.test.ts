/** Ladders of what is not plain TCP: nothing is drawn that did not happen. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { Conversation } from "../../../web/model/conversation.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import { local, outline, remote, shapes } from "./ladder-scenes.ts";

function ladderOf(address: string, ...happenings: object[]): Ladder {
  const parsed = parseAddress(address);
  if (!parsed.ok) throw new Error(parsed.problem);
  const conversation = new Conversation();
  const events = [{ kind: "opening", address: parsed.address }, ...happenings];
  for (const [index, event] of events.entries()) {
    const whole = { at: index / 10, side: "near", ...event };
    conversation.append(whole as ConversationEvent);
  }
  return new Ladder(conversation);
}

const bytes = (direction: "out" | "in", text: string) => {
  const carried = new TextEncoder().encode(text);
  return { kind: "data", direction, offset: 0, length: carried.length, bytes: carried };
};
const certificate = (trusted: boolean) => ({
  kind: "tls",
  protocol: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  subject: "far.test",
  issuer: trusted ? "Example CA" : "far.test",
  altNames: [],
  validFrom: "2026-01-01T00:00:00.000Z",
  validTo: "2027-01-01T00:00:00.000Z",
  fingerprint256: "AB",
  trusted,
});
const packets = (ladder: Ladder) =>
  ladder.rows.flatMap((row) => shapes(row, "packet").map(({ label }) => label));
const states = (ladder: Ladder) => ladder.rows.flatMap((row) => shapes(row, "state"));

describe("the ladder of", () => {
  test("UDP has no packet without bytes and no state", () => {
    const ladder = ladderOf(
      "udp://127.0.0.1:8000",
      { kind: "open", local, remote },
      bytes("out", "anybody?"),
      { kind: "undelivered", count: 1, code: "ECONNREFUSED" },
      { kind: "closed", by: "near" },
    );
    expect(packets(ladder)).toEqual([]);
    expect(states(ladder)).toEqual([]);
    const drawn = outline(ladder).join("\n");
    expect(drawn).toContain("nothing goes out: UDP has no connection");
    expect(drawn).toContain("1 datagram came to nothing");
    expect(drawn).toContain("close()");
    expect(ladder.row(0)?.spoken).toContain("(UDP: no connection)");
  });

  test("hung up by the teacher, TCP sends the FIN that it had not sent yet, and UDP sends nothing", () => {
    const open = { kind: "open", local, remote };
    const hungUp = { kind: "error", code: "HUNG_UP", detail: "" };
    const fins = (ladder: Ladder) => packets(ladder).filter((label) => /FIN/.test(label ?? ""));
    expect(fins(ladderOf("tcp://127.0.0.1:8000", open, hungUp))).toHaveLength(1);
    const shut = { kind: "eof", direction: "out" };
    expect(fins(ladderOf("tcp://127.0.0.1:8000", open, shut, hungUp))).toHaveLength(1);
    expect(packets(ladderOf("udp://127.0.0.1:8000", open, hungUp))).toEqual([]);
  });

  test("a Unix socket ends without FIN, and opens without SYN", () => {
    const path = { host: "/run/x.sock", port: 0 };
    const ladder = ladderOf(
      "unix:/run/x.sock",
      { kind: "open", local: { host: "", port: 0 }, remote: path },
      bytes("in", "bye"),
      { kind: "eof", direction: "in" },
      { kind: "reset", direction: "in", code: "ECONNRESET", detail: "" },
    );
    expect(packets(ladder)).toEqual(["end, hangs up", "broken off"]);
    expect(states(ladder)).toEqual([]);
    expect(ladder.rows.map(({ spoken }) => spoken).join()).not.toMatch(/FIN|RST|SYN|unnamed/);
  });

  test("TLS has its handshake, dashed, between TCP's and the first byte", () => {
    const ladder = ladderOf(
      "tls://127.0.0.1:8000",
      { kind: "attempt", local, remote },
      { kind: "open", local, remote },
      certificate(true),
      bytes("out", "inside"),
    );
    expect(packets(ladder)).toEqual(["SYN", "SYN+ACK", "ACK", "TLS hello", "certificate"]);
    const hands = shapes(ladder.row(1), "packet");
    expect(hands.map(({ seen, direction }) => [seen, direction])).toEqual([
      [false, "out"],
      [false, "in"],
    ]);
    expect(outline(ladder).join("\n")).toContain("certificate for far.test, issued by Example CA");
  });

  test("TLS that was not trusted shows TCP connected, the certificate, and then why it ended", () => {
    const ladder = ladderOf(
      "tls://127.0.0.1:8000",
      { kind: "attempt", local, remote },
      certificate(false),
      { kind: "error", code: "TLS_SELF_SIGNED", detail: "" },
    );
    expect(packets(ladder)).toEqual(["SYN", "SYN+ACK", "ACK", "TLS hello", "certificate"]);
    const [opening, shown, failed] = outline(ladder);
    expect(opening).toContain("client=ESTABLISHED");
    expect(shown).toContain("signed by itself");
    expect(failed).toContain("certificate verify failed: self-signed certificate");
    expect(failed).toContain("client=CLOSED");
  });

  test("TLS that was no TLS shows TCP connected", () => {
    const ladder = ladderOf(
      "tls://127.0.0.1:8000",
      { kind: "attempt", local, remote },
      { kind: "error", code: "TLS_NOT_TLS", detail: "" },
    );
    expect(packets(ladder)).toEqual(["SYN", "SYN+ACK", "ACK"]);
    expect(outline(ladder).join()).toContain("wrong version number");
  });
});
