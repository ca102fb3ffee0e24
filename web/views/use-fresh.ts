/** Which events are so new that their rows draw themselves. */
import { useEffect, useRef } from "react";
import type { Conversation } from "../model/conversation.ts";

/** More than this between two renderings, and nobody could follow them. */
const MOST_EVENTS = 16;

/**
 * @param following the newest are in sight.
 * @returns number of the first event that is new.
 */
export function useFresh(conversation: Conversation, following: boolean): number {
  const known = useRef({ conversation, total: conversation.total, from: conversation.total });
  if (known.current.conversation !== conversation) {
    const { total } = conversation;
    known.current = { conversation, total, from: total };
  }
  const { total } = conversation;
  const isFlood = total - known.current.total > MOST_EVENTS;
  useEffect(() => {
    // What came while nobody looked, or in a flood, never draws itself later.
    if (isFlood || !following) known.current.from = total;
    known.current.total = total;
  }, [total, isFlood, following]);
  return following && !isFlood ? known.current.from : Number.POSITIVE_INFINITY;
}
