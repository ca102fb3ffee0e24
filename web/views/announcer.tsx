/** Says new events to a screen reader, politely: one by one when few, summed up in a flood. */
import { useEffect, useState } from "react";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { announcement } from "../model/sentences.ts";
import { overTransport } from "../model/sentences-sockets.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { useValue } from "./use-store.ts";

/** Between two announcements: time enough to hear one out, in milliseconds. */
const PAUSE_MS = 1500;

export function Announcer({ talk, pane }: { talk: Dialogue; pane: TerminalPane | null }) {
  const said = useAnnouncement(talk);
  return (
    <div className="unseen">
      <p role="status">{said}</p>
      {pane && <Notice pane={pane} />}
    </div>
  );
}

function Notice({ pane }: { pane: TerminalPane }) {
  const notice = useValue(pane, () => pane.notice);
  return <p role="status">{notice?.text ?? ""}</p>;
}

/** What the kernel and the other end's program did would only interrupt; the ladder has it. */
function isSpoken({ side, kind }: ConversationEvent): boolean {
  return side === "near" && kind !== "kernel" && kind !== "attempt" && kind !== "arrival";
}

function useAnnouncement(talk: Dialogue): string {
  const [said, setSaid] = useState("");
  useEffect(() => {
    let waiting: ConversationEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | null = null;
    let unfollow = () => {};
    const speak = () => {
      timer = null;
      if (waiting.length === 0) return;
      const { transport = "tcp", role } = talk.conversation?.state ?? {};
      setSaid(overTransport(announcement(waiting, role), transport));
      waiting = [];
      timer = setTimeout(speak, PAUSE_MS);
    };
    const follow = (conversation: Conversation) => {
      unfollow();
      unfollow = conversation.onEvent((event) => {
        if (!isSpoken(event)) return;
        waiting.push(event);
        timer ??= setTimeout(speak, 0);
      });
    };
    if (talk.conversation) follow(talk.conversation);
    const unstart = talk.onStart(follow);
    return () => {
      unstart();
      unfollow();
      if (timer !== null) clearTimeout(timer);
    };
  }, [talk]);
  return said;
}
