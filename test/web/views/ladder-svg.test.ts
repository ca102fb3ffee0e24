/** The ladder as a file of its own: complete, valid XML, nothing that has to be loaded. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ConversationEvent, Direction } from "../../../shared/conversation.ts";
import { Conversation } from "../../../web/model/conversation.ts";
import { ladderSvg } from "../../../web/views/ladder-svg.tsx";

const local = { host: "127.0.0.1", port: 51234 };
const remote = { host: "127.0.0.1", port: 8000 };
const encode = (text: string) => new TextEncoder().encode(text);

function opened(): Conversation {
  const conversation = new Conversation(0);
  const address = { scheme: "tcp", host: remote.host, port: remote.port } as const;
  const events: ConversationEvent[] = [
    { kind: "opening", at: 0, side: "near", address },
    { kind: "attempt", at: 0, side: "near", local, remote },
    { kind: "open", at: 0.001, side: "near", local, remote },
  ];
  for (const event of events) conversation.append(event);
  return conversation;
}

function say(conversation: Conversation, direction: Direction, at: number, text: string): void {
  const { sentBytes, receivedBytes } = conversation.state;
  const bytes = encode(text);
  const offset = direction === "out" ? sentBytes : receivedBytes;
  const { length } = bytes;
  conversation.append({ kind: "data", side: "near", at, direction, offset, length, bytes });
}

/** Elements in the order of their ends: throws where one is not closed by its own name. */
function wellFormed(svg: string): void {
  const open: string[] = [];
  const markup = svg.replace(/^<\?xml[^>]*\?>/, "");
  for (const [, slash, name, attributes = "", empty] of markup.matchAll(
    /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    expect(attributes).not.toMatch(/&(?!(?:amp|lt|gt|quot|#x27|#39);)/);
    if (slash) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name ?? "");
  }
  expect(open).toEqual([]);
  const text = markup.replace(/<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, "");
  expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|#x27|#39);)/);
}

describe("the ladder as an SVG file", () => {
  test("has both ends, what was said, and the time it ended at", async () => {
    const conversation = opened();
    say(conversation, "out", 4.212, "Wake up, Neo");
    say(conversation, "in", 24.9, "accepted");
    const svg = await ladderSvg(conversation, "board");
    for (const text of ["127.0.0.1:51234", "127.0.0.1:8000", "“Wake up, Neo”", "24.9 s"]) {
      expect(svg).toContain(`>${text}<`);
    }
    wellFormed(svg);
  });

  test.each(["board", "pad"] as const)(
    "brings the page's colours of %s, and loads nothing",
    async (theme) => {
      const conversation = opened();
      say(conversation, "out", 1, "hello");
      say(conversation, "in", 2, "hello");
      const svg = await ladderSvg(conversation, theme);
      const tokens = readFileSync(
        new URL("../../../web/theme/tokens.css", import.meta.url),
        "utf8",
      );
      const [block = ""] = tokens.slice(tokens.indexOf(`data-theme="${theme}"`)).split("}");
      const colours = new Map(
        [...block.matchAll(/--(\w+): (#\w+)/g)].map(([, name, hex]) => [hex, name]),
      );
      const used = new Set([...svg.matchAll(/(?:fill|stroke)="(#\w+)"/g)].map(([, hex]) => hex));
      expect([...used].map((hex) => colours.get(hex) ?? hex).sort()).toEqual([
        "bg1",
        "closing",
        "edge",
        "established",
        "in",
        "ink",
        "ink2",
        "ink3",
        "out",
      ]);
      expect(svg).not.toMatch(/var\(|<script|<style|<image|href|@import|url\((?!#)/);
    },
  );

  test("is XML whatever the bytes were", async () => {
    const conversation = opened();
    say(conversation, "in", 1, '</svg><script>"&\u0000\u0007\u001b[31m\ufffe]]>');
    say(conversation, "in", 3, "<!-- \u202eevil");
    const svg = await ladderSvg(conversation, "pad");
    // XML 1.0 section 2.2, the control characters and non-characters.
    expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    expect(svg).not.toContain("<script>");
    wellFormed(svg);
  });

  test("stops after some thousand rows, and says how many it left out", async () => {
    const conversation = opened();
    for (let i = 0; i < 4500; i++) say(conversation, i % 2 ? "in" : "out", i * 2, `message ${i}`);
    const svg = await ladderSvg(conversation, "board");
    expect(svg).toContain("message 3990");
    expect(svg).not.toContain("message 4400");
    expect(svg).toMatch(/>50\d more rows left out</);
  }, 120_000);
});
