/** What a page that was loaded anew does with what it is given back: it is on the screen again, and goes on. */
import type { Role } from "../../shared/conversation.ts";
import type { Kept, ReturnFollower } from "./carrier.ts";
import { Conversation } from "./conversation.ts";
import type { Desk } from "./desk.ts";

/** The conversation with all that is known of it. */
export function conversationOf({ startedAt, forgotten, events }: Kept, role: Role): Conversation {
  const conversation = new Conversation(startedAt, forgotten, role);
  conversation.appendAll(events);
  return conversation;
}

/**
 * Gives it to the desk.
 * @param loadServe loads the server's part, which a page that serves nothing does not need.
 */
export function bringBack(
  desk: Desk,
  loadServe: () => Promise<typeof import("./serve.ts")>,
): ReturnFollower {
  const serve = async () => {
    const { Serve } = await loadServe();
    return desk.serveWith((...given) => new Serve(...given));
  };
  return {
    conversations: (kept) => {
      desk.adopt(kept.filter(({ guest }) => guest === null));
      const visits = kept.filter(({ guest }) => guest !== null);
      if (visits.length > 0) void serve().then((made) => made.adopt(visits));
    },
    listener: (address, options, start) =>
      void serve().then((made) => made.goOn(address, options, start)),
  };
}
