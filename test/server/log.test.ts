/** Logs: one event is one line that no terminal obeys, and secrets are not in it. */
import { describe, expect, test } from "vitest";
import type { LogFormat } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";

function logTo(format: LogFormat) {
  let text = "";
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  const log = createLog({ level: "info", format, destination });
  return { log, text: () => text };
}

/**
 * CR LF, ESC, C1's CSI, DEL, bidi override and isolate, line separator, zero width, BOM, soft
 * hyphen, Mongolian vowel separator, interlinear annotation, and a tag beyond U+FFFF.
 */
const NASTY =
  "a\r\nb\u001b[2J\u009b2J\u007f\u202e\u2066\u2028\u200b\ufeff\u00ad\u180e\ufff9\u{e0041}z";
const FORMATS: LogFormat[] = ["json", "pretty"];

describe.each(FORMATS)("a %s log", (format) => {
  test("keeps an event on one line, whatever is in its texts, names and errors", () => {
    const { log, text } = logTo(format);
    log.info({ name: NASTY, [NASTY]: 1, deep: { list: [NASTY] } }, `said ${NASTY}`);
    log.error({ err: new Error(NASTY) }, "failed");
    expect(text().match(/\n/g)).toHaveLength(2);
    expect(text().replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    for (const shown of ["u001b[2J", "u009b2J", "u202e", "u2066"]) expect(text()).toContain(shown);
  });

  test("has neither tokens nor cookies nor payloads", () => {
    const { log, text } = logTo(format);
    const canary = "CANARY";
    log.info({ token: canary, accessCode: canary, payload: canary }, "flat");
    log.info({ req: { headers: { cookie: canary, authorization: canary } } }, "deep");
    expect(text()).toContain("deep");
    expect(text()).not.toContain(canary);
  });

  test("tells an error's kind, code, message and where it came from", () => {
    const { log, text } = logTo(format);
    log.error({ err: Object.assign(new RangeError("too far"), { code: "EFAR" }) }, "failed");
    for (const part of ["RangeError", "EFAR", "too far", "log.test.ts"]) {
      expect(text()).toContain(part);
    }
  });
});

describe("a JSON log", () => {
  test("gives every text back as it was", () => {
    const { log, text } = logTo("json");
    log.info({ name: NASTY }, NASTY);
    expect(JSON.parse(text())).toMatchObject({ level: "info", name: NASTY, msg: NASTY });
  });
});
