/** What the terminal says about the page's own link: that the gateway stops, or will not have it. */
import { explain } from "../../shared/errors.ts";
import type { Carrier } from "../model/carrier.ts";
import type { Unsubscribe } from "../model/store.ts";
import { sgr } from "./theme.ts";

/** Calls `say` when the link's phase becomes one that a person has to know of. */
export function watchLink(
  carrier: Carrier,
  say: (text: string, colour: string) => void,
): Unsubscribe {
  let { phase } = carrier.status;
  return carrier.subscribe(() => {
    const { status } = carrier;
    if (status.phase === phase) return;
    phase = status.phase;
    if (phase === "draining") {
      say("The gateway is shutting down: it delivers what is under way.", sgr.ink3);
    }
    if (phase !== "stopped" || !status.failure) return;
    const { code, detail } = status.failure;
    const failure = explain(code, { host: "", port: 0, detail }, status.platform);
    say(failure.headline, sgr.error);
    say(failure.sentence, sgr.ink);
    for (const hint of failure.hints) say(hint, sgr.ink2);
  });
}
