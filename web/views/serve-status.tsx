/** The title block of Serve: the listening socket, its door, everybody's bytes, and the link that carries it all. */
import { bytes } from "../model/format.ts";
import type { Serve } from "../model/serve.ts";
import { serveWords } from "../model/serve-words.ts";
import { linkWords } from "../model/status.ts";
import type { Gateway } from "./gateway.ts";
import { RecordMenu } from "./record-menu.tsx";
import { InArrow, OutArrow } from "./signs.tsx";
import { StateChip } from "./state-chip.tsx";
import { Cell } from "./title-block.tsx";
import { useFrames, useNow } from "./use-store.ts";

export function ServeStatus({ serve, gateway }: { serve: Serve; gateway: Gateway }) {
  useFrames(serve);
  useFrames(gateway);
  const { status } = gateway;
  const ticking = status.phase === "lost" || (status.phase === "live" && status.resumes === 0);
  const link = linkWords(status, Math.max(useNow(1000, ticking), status.since));
  const { counts, door, options, selected } = serve;
  const listens = serve.phase === "listening";
  const { isUdp } = serve;
  return (
    <footer className="status" data-region="status" data-region-focus="" tabIndex={-1}>
      <Cell name={isUdp ? "Bound socket" : "Listening socket"}>
        {isUdp && listens ? "UDP, unconnected" : <StateChip state={listens ? "LISTEN" : null} />}
      </Cell>
      <Cell name="At the door">
        {listens ? `${door.waiting.length} / ${options.backlog}` : "–"}
      </Cell>
      <Cell name={serveWords(isUdp).taken}>{acceptedText(counts)}</Cell>
      <Cell name="In">
        <OutArrow />
        {bytes(counts.read)}
      </Cell>
      <Cell name="Out">
        <InArrow />
        {bytes(counts.sent)}
      </Cell>
      <Cell name="Link" more=" to gateway" className={`link-cell link-${link.tone}`}>
        {link.text}
      </Cell>
      {selected && (
        <div className="cell record-cell">
          <p className="cell-name">Record {selected.name}</p>
          <RecordMenu talk={selected.table} />
        </div>
      )}
    </footer>
  );
}

function acceptedText({ accepted, open }: Serve["counts"]): string {
  if (accepted === 0) return "0";
  return open === accepted ? `${accepted}, all open` : `${accepted}, of which ${open} open`;
}
