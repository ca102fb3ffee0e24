/**
 * What is asked before bytes are lost, and what a link has filled in: strips under the address, loaded
 * when there is one of them.
 */
import { useEffect, useRef } from "react";
import type { Desk, Loss } from "../model/desk.ts";
import { losing } from "../model/desk.ts";
import { bytes } from "../model/format.ts";
import { useFrames } from "./use-store.ts";

export default function DeskNotices({ desk }: { desk: Desk }) {
  useFrames(desk);
  useFrames(desk.current);
  const linked = desk.linkedTo(desk.current);
  return (
    <>
      {desk.asked && <CloseQuestion desk={desk} loss={losing(desk.asked)} />}
      {linked && (
        <div className="notice">
          <p role="status">
            <strong className="label">From a link:</strong> it leads to{" "}
            <span className="data">{linked}</span>. Nothing was sent yet.
          </p>
          <button type="button" className="button main" onClick={() => desk.current.connect()}>
            Connect
          </button>
        </div>
      )}
    </>
  );
}

function CloseQuestion({ desk, loss }: { desk: Desk; loss: Loss | null }) {
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  // All of it has left meanwhile.
  useEffect(() => {
    if (!loss && desk.asked) desk.close(desk.asked);
  }, [loss, desk]);
  if (!loss) return null;
  return (
    <div className="notice urgent">
      <p role="alert">
        <strong className="label">Close this conversation?</strong> {lossText(loss)}
      </p>
      <div className="notice-buttons">
        <button type="button" className="button" ref={keep} onClick={() => desk.keepOpen()}>
          Keep it open
        </button>
        <button type="button" className="button" onClick={() => desk.closeAnyway()}>
          Close and lose them
        </button>
      </div>
    </div>
  );
}

function lossText({ unsent, unread }: Loss): string {
  if (unsent > 0 && unread > 0)
    return `${bytes(unsent)} have not been sent, and ${bytes(unread)} not been read.`;
  return unsent > 0
    ? `${bytes(unsent)} have not been sent.`
    : `${bytes(unread)} have not been read.`;
}
