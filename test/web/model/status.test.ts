/** The link to the gateway in words. */
import { describe, expect, test } from "vitest";
import type { LinkStatus } from "../../../web/model/carrier.ts";
import { isOver, linkNotice, linkWords } from "../../../web/model/status.ts";

const status = (changes: Partial<LinkStatus>): LinkStatus => ({
  phase: "live",
  since: 1000,
  resumes: 0,
  failure: null,
  graceMs: 60_000,
  roundTripMs: null,
  platform: "linux",
  maxChannels: 16,
  serving: null,
  servers: [],
  student: null,
  ...changes,
});

describe("the link", () => {
  test("says how long it has been unbroken", () => {
    expect(linkWords(status({}), 25_900)).toEqual({ text: "unbroken for 24 s", tone: "good" });
  });

  test("says how often it came back, and that nothing was lost", () => {
    expect(linkWords(status({ resumes: 2 }), 0).text).toBe("resumed twice, nothing lost");
  });

  test("says that it is lost and being tried again", () => {
    expect(linkWords(status({ phase: "lost" }), 4000)).toEqual({
      text: "lost for 3 s, trying again",
      tone: "wrong",
    });
  });

  test("says why it stopped", () => {
    const failure = { code: "SESSION_EXPIRED", detail: "" } as const;
    expect(linkWords(status({ phase: "stopped", failure }), 0).text).toBe("session expired");
  });
});

describe("the notice", () => {
  test("is absent while all is well", () => {
    expect(linkNotice(status({}), true, 0)).toBeNull();
  });

  test("promises of the socket only what the gateway promised, and only when there is one", () => {
    const lost = status({ phase: "lost", since: 0, graceMs: 60_000 });
    expect(linkNotice(lost, true, 1000)?.text).toContain("keeps your socket for 1 min");
    expect(linkNotice(lost, true, 61_000)?.text).toContain("closed your socket");
    expect(linkNotice(lost, false, 1000)?.text).not.toContain("socket");
  });

  test("is calm while the gateway is first being reached, urgent once that has failed", () => {
    expect(linkNotice(status({ phase: "connecting" }), false, 0)).toMatchObject({ urgent: false });
    const failure = { code: "GATEWAY_UNREACHABLE", detail: "" } as const;
    expect(linkNotice(status({ phase: "connecting", failure }), false, 0)).toMatchObject({
      urgent: true,
      retry: true,
      headline: "Gateway unreachable.",
    });
  });

  test("offers to try again where that can help, and not once the class is over", () => {
    const stopped = (code: "CLASS_ENDED" | "REMOVED" | "SESSION_EXPIRED") =>
      status({ phase: "stopped", failure: { code, detail: "" } });
    for (const code of ["CLASS_ENDED", "REMOVED"] as const) {
      expect(linkNotice(stopped(code), false, 0)?.retry).toBe(false);
      expect(isOver(stopped(code))).toBe(true);
    }
    expect(linkNotice(stopped("SESSION_EXPIRED"), false, 0)?.retry).toBe(true);
    expect(isOver(status({ phase: "lost", failure: { code: "REMOVED", detail: "" } }))).toBe(false);
  });

  test("says that a stopping gateway takes nothing new", () => {
    expect(linkNotice(status({ phase: "draining" }), false, 0)?.text).toContain("nothing new");
  });
});
