/** One sentence for each row of the ladder, for a screen reader. */
import { type Role, senderOf } from "../../shared/conversation.ts";
import { peerOf } from "./ends.ts";
import { clock, count } from "./format.ts";
import { bundleText } from "./ladder-draw.ts";
import type { Call, Ending, Item, Message } from "./ladder-items.ts";
import { spokenOpening } from "./ladder-opening.ts";
import { text } from "./ladder-quotes.ts";
import { callsOf, type Scene } from "./ladder-scene.ts";
import { spoken, spokenUnits } from "./sentences.ts";
import { overTransport } from "./sentences-sockets.ts";

/** Lengths said one by one; of more only the number is said. */
const SAID_LENGTHS = 4;

export function spokenRow(item: Item, scene: Scene): string {
  const said = inWords(item, scene);
  // Who is looked at sits somewhere else.
  return scene.projected ? said.replace(/\byour\b/g, "its").replace(/\byou\b/g, "this end") : said;
}

function inWords(item: Item, scene: Scene): string {
  switch (item.kind) {
    case "message":
      return spokenMessage(item, scene);
    case "bundle":
      return `${clock(item.at)} s, ${spokenUnits(bundleText(item, scene.role))}`;
    case "opening":
      return spokenOpening(item, scene.role);
    case "ending":
      return overTransport(spokenEnding(item, scene.role), scene.transport);
    case "moment":
      return item.spoken;
  }
}

/** `11.870 s, sent 23 bytes, read as 16 and 7: Follow the white rabbit`. */
function spokenMessage(item: Message, scene: Scene): string {
  const { sent, received } = callsOf(item, scene);
  const sends = senderOf(scene.role, item.direction) === "near";
  const [near, far] = sends ? [sent, received] : [received, sent];
  const [own, other] = sends ? ["sent", "read"] : ["read", "sent"];
  const at = near[0] && near[0].start >= item.start ? near[0].at : item.at;
  const words =
    near.length > 0
      ? `${own} ${amount(near, item)}${near.length > 1 ? cuts(near, item) : ""}${others(item, near, far, other)}`
      : `the ${peerOf(scene.role)} ${other} ${amount(far, item)}${far.length > 1 || added(far) ? cuts(far, item) : ""}`;
  // What came before it may be missing: then nothing is said of that.
  const start = Math.max(item.start, near[0]?.start ?? item.start);
  const quote = text(item.direction, start, item.end, scene);
  const tail = quote === null ? "" : `: ${quote}`;
  return `${clock(at)} s, ${words}${missing(item, received, scene)}${tail}`;
}

/** `23 bytes`; `9 of 20 bytes` in a row that has only a part of a call. */
function amount(calls: readonly Call[], item: Message): string {
  const here = sum(lengthsIn(calls, item));
  const all = sum(calls.map((call) => call.end - call.start));
  const bytes = count(all, "byte");
  return here === all ? bytes : `${count(here, "byte").replace(/ .*/, "")} of ${bytes}`;
}

/** How the other end cut the same bytes, when either end cut them. */
function others(
  item: Message,
  near: readonly Call[],
  far: readonly Call[],
  other: string | undefined,
): string {
  if (far.length === 0 || (near.length === 1 && far.length === 1 && !added(far))) return "";
  return `, ${other}${cuts(far, item)}`;
}

/** The reader's calls that are not there yet, as far as they could be seen. */
function missing(item: Message, received: readonly Call[], scene: Scene): string {
  if (senderOf(scene.role, item.direction) === "near" && !scene.farCalls) return "";
  const end = Math.max(item.start, received.at(-1)?.end ?? 0);
  if (end >= item.end) return "";
  return received.length === 0
    ? ", not read yet"
    : `, ${count(item.end - end, "byte")} not read yet`;
}

/** Some of the calls were added up: where each of them ended nobody can say. */
function added(calls: readonly Call[]): boolean {
  return calls.some((call) => call.calls > 1);
}

/** ` as 16 and 7`, ` in 11 calls`. */
function cuts(calls: readonly Call[], item: Message): string {
  if (!added(calls)) return ` as ${lengths(calls, item)}`;
  return ` in ${count(sum(calls.map((call) => call.calls)), "call")}`;
}

function lengthsIn(calls: readonly Call[], item: Message): number[] {
  return calls.map((call) => Math.min(call.end, item.end) - Math.max(call.start, item.start));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

/** `16 and 7`; `1, 1, 1, 1 and 8 more`. */
function lengths(calls: readonly Call[], item: Message): string {
  const all = lengthsIn(calls, item);
  if (all.length === 1) return `${all[0]}`;
  if (all.length <= SAID_LENGTHS) return `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
  return `${all.slice(0, SAID_LENGTHS).join(", ")} and ${all.length - SAID_LENGTHS} more`;
}

function spokenEnding(item: Ending, role: Role): string {
  if (item.event) return spoken(item.event, undefined, role);
  const what = item.packet === "fin" ? "ended its direction" : "reset its socket";
  return `${clock(item.at)} s, the ${peerOf(role)} ${what}`;
}
