/** Failures: each has a number, a headline as Python prints it, a sentence and something to try. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  explain,
  failureCodes,
  failureOfCode,
  failureOfWire,
  wireNumber,
} from "../../shared/errors.ts";

const context = { host: "127.0.0.1", port: 9090, detail: "" };

describe("failures", () => {
  it("print what Python prints", () => {
    expect(explain("ECONNREFUSED", context).headline).toBe(
      "ConnectionRefusedError: [Errno 111] Connection refused",
    );
    expect(explain("ECONNREFUSED", context).errno).toBe("ECONNREFUSED 111");
    expect(explain("ECONNREFUSED", context, "darwin").headline).toContain("[Errno 61]");
    expect(explain("ECONNREFUSED", context, "win32").headline).toContain("[WinError 10061]");
  });

  it.runIf(process.platform === "linux")(
    "have the errno, text and exception that Python has on Linux",
    () => {
      const script = `
import os, errno, json, sys
print(json.dumps({name: [getattr(errno, name), os.strerror(getattr(errno, name)), type(OSError(getattr(errno, name), "")).__name__]
  for name in sys.argv[1:]}))`;
      const names = failureCodes.filter((code) => {
        const { errno } = explain(code, context);
        return errno !== null && !errno.includes("-");
      });
      const python = JSON.parse(
        execFileSync("python3", ["-c", script, ...names], { encoding: "utf8" }),
      );
      for (const name of names) {
        const [number, text, exception] = python[name];
        expect(explain(name, context).headline).toBe(`${exception}: [Errno ${number}] ${text}`);
      }
      expect(names.length).toBeGreaterThan(8);
    },
  );

  it("keep their number on the wire", () => {
    const numbers = failureCodes.map(wireNumber);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const code of failureCodes) expect(failureOfWire(wireNumber(code))).toBe(code);
    expect(failureOfWire(60_000)).toBe("UNKNOWN");
    expect(failureOfCode("EISDIR")).toBe("UNKNOWN");
    expect(failureOfCode("__proto__")).toBe("UNKNOWN");
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "TLS_SELF_SIGNED"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "TLS_UNKNOWN_ISSUER"],
    ["CERT_HAS_EXPIRED", "TLS_EXPIRED"],
    ["CERT_REVOKED", "TLS_BAD_CERTIFICATE"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "TLS_WRONG_HOST"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "TLS_NOT_TLS"],
    ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "TLS_REFUSED"],
    ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "TLS_ERROR"],
    ["ERR_SOMETHING_ELSE", "UNKNOWN"],
  ])("of TLS come from OpenSSL's names: %s", (code, failure) => {
    expect(failureOfCode(code)).toBe(failure);
  });

  it("put nothing from elsewhere into a headline but a name of OpenSSL's", () => {
    for (const code of failureCodes) {
      const { headline } = explain(code, { ...context, detail: "x\nimport os #" });
      expect(headline).not.toMatch(/import|\n/);
    }
    const revoked = { ...context, detail: "CERT_REVOKED" };
    expect(explain("TLS_BAD_CERTIFICATE", revoked).headline).toContain("failed: cert revoked");
  });

  it("speak of a Unix socket's file, not of a port", () => {
    const unix = { host: "/run/x.sock", port: 0, detail: "" };
    for (const code of ["ECONNREFUSED", "EACCES", "NOT_ALLOWED", "ENOENT", "EAGAIN"] as const) {
      const { sentence, hints } = explain(code, unix);
      expect(sentence).toContain("/run/x.sock");
      expect([sentence, ...hints].join(" ")).not.toMatch(/:0|port/);
    }
  });

  it("speak of listening where somebody was to listen", () => {
    const listening = { ...context, listening: true };
    for (const code of ["EACCES", "EADDRNOTAVAIL"] as const) {
      const [asked, connected] = [explain(code, listening), explain(code, context)];
      expect(asked.headline).toBe(connected.headline);
      expect(asked.sentence).toMatch(/^[A-Z0-9].*\.$/);
      expect(asked.sentence).not.toMatch(/connect|reach/);
      expect(asked.hints).not.toEqual(connected.hints);
    }
    expect(explain("EADDRINUSE", listening).headline).toBe(
      "OSError: [Errno 98] Address already in use",
    );
  });

  it("say a whole sentence, and what to try unless the person did it", () => {
    for (const code of failureCodes) {
      const { sentence, hints } = explain(code, context);
      expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
      expect(hints.length > 0).toBe(code !== "CLOSED" && code !== "CANCELLED");
    }
  });
});
