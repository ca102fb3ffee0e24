/** The lab's rows about files: send one, and save what arrives. */
import { type ChangeEvent, useRef, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { chooseTarget } from "./file-save.ts";
import { NumberField, Row } from "./lab-parts.tsx";
import { transfersOf } from "./transfers.ts";
import { useFrames } from "./use-store.ts";

export function LabFiles({ talk, pane }: { talk: Dialogue; pane: TerminalPane | null }) {
  const transfers = transfersOf(talk);
  useFrames(transfers);
  const input = useRef<HTMLInputElement>(null);
  const [expected, expect] = useState<number | null>(null);
  const chosen = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    // The same file may be chosen again.
    target.value = "";
    if (file) void transfers.send(file, pane);
  };
  const save = async () => {
    const target = await chooseTarget(suggestedName(talk));
    if (target) await transfers.save(target, expected, pane);
  };
  return (
    <>
      <Row
        about="Sends a file's bytes as they are. Typed lines wait meanwhile. Or drop it on the page."
        man="send(2)"
      >
        {(about) => (
          <>
            <input ref={input} type="file" hidden aria-label="File to send" onChange={chosen} />
            <button
              type="button"
              className="button quiet"
              disabled={!talk.canSend}
              aria-describedby={about}
              onClick={() => input.current?.click()}
            >
              Send a file…
            </button>
          </>
        )}
      </Row>
      <Row
        about="From now on what arrives goes into a file, and not on the screen, until the other end ends or you stop it."
        man="recv(2)"
      >
        {(about) => (
          <>
            <button
              type="button"
              className="button quiet"
              disabled={talk.replay !== null || transfers.saving !== null}
              aria-describedby={about}
              onClick={() => void save()}
            >
              Save to file…
            </button>
            <NumberField
              field="size"
              label="Expected"
              unit="bytes"
              value={expected}
              placeholder="unknown"
              describedBy={about}
              commit={expect}
            />
          </>
        )}
      </Row>
    </>
  );
}

/** After whom the bytes come from: `127.0.0.1-8000.bin`. */
function suggestedName(talk: Dialogue): string {
  const remote = talk.live?.state.remote;
  const whom = remote ? `${remote.host}-${remote.port}` : "arrived";
  return `${whom.replace(/[^\w.-]/g, "_")}.bin`;
}
