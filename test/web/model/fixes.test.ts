/** What is offered after a failure: at most two things, and nothing that was not checked is said to listen. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import { explain, type FailureCode, failureCodes } from "../../../shared/errors.ts";
import { fixes } from "../../../web/model/fixes.ts";

const lesson = { name: "accept", address: "tcp://127.0.0.1:8000", about: "" };
const small = { name: "recv16", address: "tcp://127.0.0.1:8016", about: "" };
const named = { name: "lab", address: "tcp://lab.example:7000", about: "" };

function fixesOf(code: FailureCode, text: string, servers = [lesson]) {
  const parsed = parseAddress(text);
  const address = parsed.ok ? parsed.address : null;
  const { host, port } = address ?? { host: text, port: 0 };
  return fixes(explain(code, { host, port, detail: "" }), address, servers);
}

describe("after a refusal", () => {
  test("a server can be started there, or the lesson server on the same machine be taken", () => {
    expect(fixesOf("ECONNREFUSED", "127.0.0.1:9090")).toEqual([
      {
        title: "Start a server there",
        text: "then try again",
        command: "python3 examples/server.py 127.0.0.1 9090",
        button: "Try again",
        remedy: { kind: "again" },
      },
      {
        title: "Wrong port?",
        text: "port 8000 is listening",
        command: null,
        button: "Connect to 8000",
        remedy: { kind: "connect", address: "tcp://127.0.0.1:8000" },
      },
    ]);
  });

  test("no command is given that would listen somewhere else, or that the system forbids", () => {
    for (const there of ["192.0.2.1:9090", "localhost:9090", "[::1]:9090", "127.0.0.1:80"]) {
      expect(fixesOf("ECONNREFUSED", there)[0]).toMatchObject({ command: null });
    }
  });

  test("localhost counts as the machine of 127.0.0.1, and another host does not", () => {
    expect(fixesOf("ECONNREFUSED", "localhost:9090")[1]?.text).toBe("port 8000 is listening");
    expect(fixesOf("ECONNREFUSED", "192.0.2.1:9090")[1]).toMatchObject({
      title: "Somewhere else?",
      text: "port 8000 on the gateway's machine is listening",
    });
  });

  test("the address that just failed is never offered as the way out", () => {
    expect(fixesOf("ECONNREFUSED", "127.0.0.1:8000")).toHaveLength(1);
    expect(fixesOf("ECONNREFUSED", "localhost:8000")).toHaveLength(1);
    expect(fixesOf("ECONNREFUSED", "127.0.0.1:8000", [lesson, small])[1]).toMatchObject({
      button: "Connect to 8016",
    });
  });

  test("a lesson server that stopped is no longer offered", () => {
    expect(fixesOf("ECONNREFUSED", "127.0.0.1:9090", [])).toHaveLength(1);
  });
});

describe("a target with a name", () => {
  test("may be tried, and is not said to listen", () => {
    const [, second] = fixesOf("CONNECT_TIMEOUT", "127.0.0.1:9090", [named]);
    expect(second).toMatchObject({
      title: "Or try lab",
      button: "Connect to lab.example:7000",
      remedy: { kind: "connect", address: "tcp://lab.example:7000" },
    });
    expect(`${second?.title} ${second?.text}`).not.toMatch(/is listening/);
  });

  test("comes after a server that is known to listen", () => {
    expect(fixesOf("ECONNREFUSED", "10.0.0.1:1", [named, lesson])[1]?.button).toBe(
      "Connect to 8000",
    );
  });
});

describe("every failure", () => {
  test.each(failureCodes)("%s has one thing to do or two, each with a button", (code) => {
    const all = fixesOf(code, "127.0.0.1:9090", [lesson, small, named]);
    expect(all.length).toBeGreaterThanOrEqual(1);
    expect(all.length).toBeLessThanOrEqual(2);
    for (const fix of all) {
      expect(fix.title).not.toBe("");
      expect(fix.button).not.toBe("");
    }
  });

  test("of the address itself leads back to the address, not to the same again", () => {
    for (const code of ["BAD_ADDRESS", "NOT_ALLOWED", "ENOTFOUND"] as const) {
      expect(fixesOf(code, "no.invalid:1")[0]?.remedy).toEqual({ kind: "edit" });
    }
  });

  test("of the connection, not of the address, offers no other server", () => {
    for (const code of ["ECONNRESET", "EPIPE", "GATEWAY_UNREACHABLE", "TOO_FAST"] as const) {
      expect(fixesOf(code, "127.0.0.1:9090")).toHaveLength(1);
    }
  });

  test("of which two things are to be said says both beside one button", () => {
    expect(fixesOf("ECONNRESET", "127.0.0.1:9090")).toMatchObject([
      {
        title: "Connect again.",
        text: "The other program may have crashed or been killed; look at its output.",
        button: "Try again",
      },
    ]);
  });
});
