/** The link to the gateway in a few words, for the title block and for the strip at the top. */
import { explain } from "../../shared/errors.ts";
import type { LinkStatus } from "./carrier.ts";
import { longDuration, times } from "./format.ts";

/** After these nobody comes back to the class by trying again. */
const endsClass: ReadonlySet<string> = new Set(["REMOVED", "CLASS_ENDED", "ACCESS_CODE"]);

/** Whether the page is in its class no longer: what is here can be read and saved, and nothing be begun. */
export function isOver({ phase, failure }: Pick<LinkStatus, "phase" | "failure">): boolean {
  return phase === "stopped" && failure !== null && endsClass.has(failure.code);
}

export type LinkTone = "good" | "waiting" | "wrong";

export interface LinkWords {
  text: string;
  tone: LinkTone;
}

/**
 * @param now milliseconds on the clock that `status.since` was read from.
 */
export function linkWords(status: LinkStatus, now: number): LinkWords {
  const seconds = (now - status.since) / 1000;
  switch (status.phase) {
    case "connecting":
      return { text: "reaching the gateway", tone: "waiting" };
    case "live":
      return status.resumes === 0
        ? { text: `unbroken for ${longDuration(seconds)}`, tone: "good" }
        : { text: `resumed ${times(status.resumes)}, nothing lost`, tone: "good" };
    case "lost":
      return { text: `lost for ${longDuration(seconds)}, trying again`, tone: "wrong" };
    case "draining":
      return { text: "the gateway is stopping", tone: "waiting" };
    case "stopped":
      return { text: stoppedText(status), tone: "wrong" };
  }
}

function stoppedText(status: LinkStatus): string {
  if (!status.failure) return "stopped";
  const { headline } = explain(status.failure.code, { host: "", port: 0, detail: "" });
  return headline.toLowerCase();
}

/** What the strip under the header says when the link needs attention; null while all is well. */
export interface LinkNotice {
  headline: string;
  text: string;
  urgent: boolean;
  /** True when trying at once can help. */
  retry: boolean;
}

/**
 * @param open true while the page's connection is open, which is then what a reader worries about.
 * @param now milliseconds on the clock that `status.since` was read from.
 */
export function linkNotice(status: LinkStatus, open: boolean, now: number): LinkNotice | null {
  switch (status.phase) {
    case "live":
      return null;
    case "connecting":
      return status.failure
        ? { ...told(status), urgent: true, retry: true }
        : {
            headline: "Reaching the gateway",
            text: "It holds the sockets for this page.",
            urgent: false,
            retry: false,
          };
    case "lost":
      return {
        headline: "Link to gateway lost.",
        text: `${open ? `${keptText(status, now)} ` : ""}This page keeps trying.`,
        urgent: true,
        retry: true,
      };
    case "draining":
      return {
        headline: "The gateway is stopping.",
        text: "It delivers what is under way and opens nothing new. This page reconnects by itself.",
        urgent: true,
        retry: false,
      };
    case "stopped":
      return { ...told(status), urgent: true, retry: !isOver(status) };
  }
}

/** What is known of the socket meanwhile: only what the gateway promised. */
function keptText({ since, graceMs }: LinkStatus, now: number): string {
  return now - since < graceMs
    ? `The gateway, if it still runs, keeps your socket for ${longDuration(graceMs / 1000)}.`
    : "The gateway will have closed your socket by now.";
}

function told(status: LinkStatus): { headline: string; text: string } {
  const failure = status.failure ?? { code: "UNKNOWN" as const, detail: "" };
  const context = { host: "", port: 0, detail: failure.detail };
  const explanation = explain(failure.code, context, status.platform);
  const text = [explanation.sentence, ...explanation.hints.slice(0, 1)].join(" ");
  return { headline: `${explanation.headline.replace(/^OSError: /, "")}.`, text };
}
