/** Why nothing listens: in large words, with the socket that is in the way, and what to do about it as buttons. */
import { useEffect, useState } from "react";
import { formatEndpoint } from "../../shared/address.ts";
import type { Holder } from "../../shared/protocol.ts";
import type { ListenFailure } from "../model/carrier.ts";
import { explainListen, type ListenFix } from "../model/listen-failure.ts";
import type { Serve } from "../model/serve.ts";
import { isOver } from "../model/status.ts";
import { StateChip } from "./state-chip.tsx";
import { inFront } from "./use-regions.ts";
import { useFrames, useNow } from "./use-store.ts";

export function ServeFailure({ serve }: { serve: Serve }) {
  useFrames(serve);
  const { failure } = serve;
  if (!failure) return null;
  return <Panel key={`${failure.code} ${serve.addressText}`} serve={serve} failure={failure} />;
}

function Panel({ serve, failure }: { serve: Serve; failure: ListenFailure }) {
  const [since] = useState(() => performance.now());
  const [waitsFor, waitFor] = useState<number | null>(null);
  const now = useNow(1000, failure.holders.length > 0);
  const gone = Math.max(0, now - since);
  useListenLater(serve, since, waitsFor);
  const { serving, platform } = serve.carrier.status;
  const told = explainListen(failure, serve.asked, serving, platform);
  const fixes = isOver(serve.carrier.status) ? [] : told.fixes;
  const act = ({ remedy }: ListenFix) => {
    if (remedy.kind === "again") serve.listen();
    else if (remedy.kind === "listen") serve.listen(remedy.address);
    else if (remedy.kind === "wait") waitFor(waitsFor === null ? remedy.ms : null);
    else inFront('[data-region="address"] input')?.focus();
  };
  return (
    <section className="listen-failure" aria-label="Why nothing listens" data-region="explained">
      <div role="alert">
        <h2>{told.headline}</h2>
        <p>{told.sentence}</p>
      </div>
      {failure.holders.length > 0 && <Holders holders={failure.holders} gone={gone} />}
      <ol className="fixes">
        {fixes.map((fix, index) => (
          <li key={fix.button}>
            <p className="fix-text">
              <strong>{fix.title}</strong>
            </p>
            <button
              type="button"
              className={index === 0 ? "button main" : "button"}
              data-region-focus={index === 0 ? "" : undefined}
              aria-pressed={fix.remedy.kind === "wait" ? waitsFor !== null : undefined}
              onClick={() => act(fix)}
            >
              {fix.remedy.kind === "wait" && waitsFor !== null
                ? `Listens in ${secondsLeft(waitsFor, gone)} s`
                : fix.button}
            </button>
          </li>
        ))}
      </ol>
      <p className="listen-failure-foot">
        <span className="data wrong">{told.python}</span>
        <button type="button" className="button quiet" onClick={() => serve.forgive()}>
          Hide
        </button>
      </p>
    </section>
  );
}

const secondsLeft = (ms: number, gone: number) => Math.max(0, Math.ceil((ms - gone) / 1000));

/** Listens by itself once the time is over that somebody chose to wait for. */
function useListenLater(serve: Serve, since: number, ms: number | null): void {
  useEffect(() => {
    if (ms === null) return undefined;
    const timer = setTimeout(() => serve.listen(), Math.max(0, since + ms - performance.now()));
    return () => clearTimeout(timer);
  }, [serve, since, ms]);
}

/** The rows of the kernel's table, as `ss` prints them. */
function Holders({ holders, gone }: { holders: readonly Holder[]; gone: number }) {
  return (
    <table className="holders data">
      <caption className="unseen">Sockets that hold the port</caption>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Local</th>
          <th scope="col">Remote</th>
          <th scope="col">Ends</th>
        </tr>
      </thead>
      <tbody>
        {holders.map((holder) => (
          <tr key={`${holder.state} ${remoteOf(holder)} ${formatEndpoint(holder.local)}`}>
            <td>
              <StateChip state={holder.state} />
            </td>
            <td>{formatEndpoint(holder.local)}</td>
            <td>{remoteOf(holder)}</td>
            <td>
              {holder.timeWaitMs === null
                ? "when its program ends it"
                : `in ${secondsLeft(holder.timeWaitMs, gone)} s`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function remoteOf({ remote }: Holder): string {
  return remote ? formatEndpoint(remote) : "anybody";
}
