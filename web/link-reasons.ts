/** Why the gateway ended a session or would not take one up again, as failures for the page. */
import type { FailureCode } from "../shared/errors.ts";
import { CloseCode, type ResumeFailedReason } from "../shared/protocol.ts";

export interface Reason {
  code: FailureCode;
  detail: string;
}

/** By the code the WebSocket was closed with: trying again would change nothing. */
export const stops: Record<number, Reason> = {
  [CloseCode.badMessage]: {
    code: "SESSION_ENDED",
    detail: "page and gateway do not understand each other; reload the page",
  },
  [CloseCode.unauthorized]: { code: "ACCESS_CODE", detail: "" },
  [CloseCode.forbidden]: { code: "SESSION_ENDED", detail: "this page may not use it" },
  [CloseCode.notFound]: { code: "SESSION_ENDED", detail: "it was not found" },
  [CloseCode.timeout]: { code: "SESSION_ENDED", detail: "" },
  [CloseCode.superseded]: { code: "SESSION_ENDED", detail: "it goes on in another window" },
};

export const resumeFailures: Record<ResumeFailedReason, Reason> = {
  expired: { code: "SESSION_EXPIRED", detail: "" },
  unknown: { code: "SESSION_EXPIRED", detail: "or the gateway was started anew" },
  gap: { code: "SESSION_ENDED", detail: "bytes were missing after the interruption" },
  superseded: { code: "SESSION_ENDED", detail: "it goes on in another window" },
  auth: { code: "SESSION_ENDED", detail: "it is not this page's session" },
};
