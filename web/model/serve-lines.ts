/** What a server's journal says of its door and of those it has accepted. */
import { formatEndpoint } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { DoorView } from "./carrier.ts";
import { count } from "./format.ts";

interface DoorLine {
  text: string;
  who: string;
}

/** What has changed at the door, in words. */
export function doorLines(before: DoorView, now: DoorView, isUdp = false): DoorLine[] {
  const lines: DoorLine[] = [];
  const known = new Set(before.waiting.map(({ n }) => n));
  for (const { n, remote } of now.waiting) {
    if (!known.has(n)) lines.push({ text: "At the door:", who: formatEndpoint(remote) });
  }
  const refused = now.refused - before.refused;
  if (refused > 0)
    lines.push(
      isUdp
        ? { text: `Dropped at the door: ${count(refused, "datagram")}`, who: "no place" }
        : { text: `Refused at the door: ${count(refused, "visitor")}`, who: "backlog full" },
    );
  const left = now.left - before.left;
  if (left > 0)
    lines.push({ text: `Left the door unaccepted: ${count(left, "visitor")}`, who: "" });
  return lines;
}

/** What is written down of an accepted connection, or of a peer: its end. */
export function tableLine({ side, kind }: ConversationEvent, isUdp = false): string | null {
  if (side !== "near") return null;
  if (isUdp) return kind === "closed" || kind === "reset" || kind === "error" ? "Let go of" : null;
  if (kind === "closed") return "Connection to client closed";
  if (kind === "reset") return "Connection to client cut off (RST)";
  return kind === "error" ? "Connection to client failed" : null;
}
