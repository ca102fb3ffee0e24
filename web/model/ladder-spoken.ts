/** One sentence for each row of the ladder, for a screen reader. */
import { bytes, clock, count } from "./format.ts";
import { bundleText } from "./ladder-draw.ts";
import type { Call, Ending, Item, Message } from "./ladder-items.ts";
import { spokenOpening } from "./ladder-opening.ts";
import { text } from "./ladder-quotes.ts";
import { callsOf, type Scene } from "./ladder-scene.ts";
import { spoken } from "./sentences.ts";

/** Lengths said one by one; of more only the number is said. */
const SAID_LENGTHS = 4;

export function spokenRow(item: Item, scene: Scene): string {
  switch (item.kind) {
    case "message":
      return spokenMessage(item, scene);
    case "bundle":
      return `${clock(item.at)} s, ${bundleText(item)}`;
    case "opening":
      return spokenOpening(item);
    case "ending":
      return spokenEnding(item);
    case "moment":
      return item.spoken;
  }
}

/** `11.870 s, sent 23 bytes, read as 16 and 7: Follow the white rabbit`. */
function spokenMessage(item: Message, scene: Scene): string {
  const { sent, received } = callsOf(item, scene);
  const near = item.direction === "out" ? sent : received;
  const far = item.direction === "out" ? received : sent;
  const at = near[0] && near[0].start >= item.start ? near[0].at : item.at;
  const [own, other] = item.direction === "out" ? ["sent", "read"] : ["read", "sent"];
  const total = count(item.end - item.start, "byte");
  const words = near.length > 0 ? `${own} ${total}` : `the server ${other} ${total}`;
  const cuts = near.length > 1 || far.length > 1;
  const ownCuts = near.length > 1 ? ` as ${lengths(near, item)}` : "";
  const otherCuts =
    cuts && near.length > 0 && far.length > 0 ? `, ${other} as ${lengths(far, item)}` : "";
  const quote = text(item.direction, item.start, item.end, scene);
  return `${clock(at)} s, ${words}${ownCuts}${otherCuts}${missing(item, received, scene)}${quote === null ? "" : `: ${quote}`}`;
}

/** What the far end was sent and has not read yet. */
function missing(item: Message, received: readonly Call[], scene: Scene): string {
  if (item.direction !== "out" || !scene.farVisible) return "";
  const end = Math.max(item.start, received.at(-1)?.end ?? 0);
  return end < item.end ? `, ${bytes(item.end - end).replace(/ B$/, " bytes")} not read yet` : "";
}

/** `16 and 7`; `1, 1, 1, 1 and 8 more`. */
function lengths(calls: readonly Call[], item: Message): string {
  const all = calls.map((call) => Math.min(call.end, item.end) - Math.max(call.start, item.start));
  if (all.length === 1) return `${all[0]}`;
  if (all.length <= SAID_LENGTHS) return `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
  return `${all.slice(0, SAID_LENGTHS).join(", ")} and ${all.length - SAID_LENGTHS} more`;
}

function spokenEnding(item: Ending): string {
  if (item.event) return spoken(item.event);
  const what =
    item.packet === "fin" ? "the server ended its direction" : "the server reset its socket";
  return `${clock(item.at)} s, ${what}`;
}
