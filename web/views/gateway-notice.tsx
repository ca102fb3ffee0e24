/** A strip under the wire while the link to the gateway needs attention; nothing while all is well. */

import type { Dialogue } from "../model/dialogue.ts";
import { linkNotice } from "../model/status.ts";
import type { Gateway } from "./gateway.ts";
import { useFrames, useValue } from "./use-store.ts";

export function GatewayNotice({ talk, gateway }: { talk: Dialogue; gateway: Gateway }) {
  useFrames(gateway);
  const open = useValue(talk, () => talk.live?.state.phase === "open");
  const notice = linkNotice(gateway.status, open, performance.now());
  if (!notice) return null;
  return (
    <div className={notice.urgent ? "notice urgent" : "notice"}>
      <p role={notice.urgent ? "alert" : "status"}>
        <strong className="label">{notice.headline}</strong> {notice.text}
      </p>
      {notice.retry && (
        <button type="button" className="button" onClick={() => gateway.retry()}>
          Try now
        </button>
      )}
    </div>
  );
}
