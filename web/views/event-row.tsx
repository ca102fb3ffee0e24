/** One event: when, which way, what, and the beginning of its bytes. */
import { memo } from "react";
import type { Transport } from "../../shared/address.ts";
import type { ConversationEvent, Role } from "../../shared/conversation.ts";
import { clock, duration } from "../model/format.ts";
import { sentence } from "../model/sentences.ts";
import { overTransport } from "../model/sentences-sockets.ts";
import { EventSign } from "./signs.tsx";

/** A pause at least this long is said, as a break in the list. */
const IDLE_SECONDS = 1;

/** The pause before an event in seconds, when it is long enough to be said; else null. */
export function idleBefore(
  event: ConversationEvent | undefined,
  before: ConversationEvent | undefined,
): number | null {
  const idle = event && before ? event.at - before.at : 0;
  return idle >= IDLE_SECONDS ? idle : null;
}

export interface EventRowProps {
  event: ConversationEvent | undefined;
  before: ConversationEvent | undefined;
  /** Only where it changes the words. */
  after: ConversationEvent | undefined;
  /** Which end of the conversation the page is. */
  role: Role;
  /** 1 for the first event of the conversation. */
  position: number;
  total: number;
  /** Pixels from the top of the list. */
  top: number;
  selected: boolean;
  /** What carries the bytes. */
  transport: Transport;
  select(position: number): void;
}

export const EventRow = memo(function EventRow(props: EventRowProps) {
  const { event, before, after, role, position, total, top, selected, transport, select } = props;
  if (!event) return null;
  const said = sentence(event, after, role);
  const idle = idleBefore(event, before);
  // The keyboard reaches the same through the ladder: a list of a hundred thousand buttons would be no list.
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: arrow keys in the list do it.
    <li
      className={`event side-${event.side} event-${event.kind} tone-${said.tone} mark-is-${said.mark}${idle === null ? "" : " after-idle"}`}
      style={{ transform: `translateY(${top}px)` }}
      aria-setsize={total}
      aria-posinset={position}
      data-selected={selected || undefined}
      onClick={() => select(position)}
    >
      {idle !== null && <span className="idle">{`${duration(idle)} idle`}</span>}
      <span className="event-time data">
        {clock(event.at)}
        <span className="unseen"> s, </span>
      </span>
      <EventSign mark={said.mark} />
      <span className="event-text">{overTransport(said.text, transport)}</span>
      {said.excerpt !== null && <q className="event-bytes data">{said.excerpt}</q>}
    </li>
  );
});
