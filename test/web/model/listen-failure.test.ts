/** Why a page cannot listen: which socket is in the way, and what would help. */
import { describe, expect, test } from "vitest";
import type { Address } from "../../../shared/address.ts";
import type { Holder } from "../../../shared/protocol.ts";
import type { ListenFailure } from "../../../web/model/carrier.ts";
import { explainListen, longestTimeWait } from "../../../web/model/listen-failure.ts";

const address: Address = { scheme: "tcp", host: "127.0.0.1", port: 9090 };
const local = { host: "127.0.0.1", port: 9090 };
const remote = { host: "127.0.0.1", port: 50_000 };
const waits = (timeWaitMs: number): Holder => ({ state: "TIME_WAIT", local, remote, timeWaitMs });
const listens: Holder = { state: "LISTEN", local, timeWaitMs: null };
const serving = {
  hosts: ["127.0.0.1", "::1"],
  ports: { first: 9000, last: 9090 },
  maxListeners: 4,
};

const explained = (failure: Partial<ListenFailure>, at: Address | null = address) =>
  explainListen({ code: "EADDRINUSE", detail: "", holders: [], ...failure }, at, serving, "linux");
const remedies = (failure: Partial<ListenFailure>, at?: Address) =>
  explained(failure, at).fixes.map(({ remedy }) => remedy);

describe("address already in use", () => {
  test("by a program that listens: another port, inside those that pages may have", () => {
    const told = explained({ holders: [listens] });
    expect(told.headline).toBe("Port 9090 is taken.");
    expect(told.sentence).toMatch(/^Another program listens on 127\.0\.0\.1:9090\./);
    expect(told.python).toBe("OSError: [Errno 98] Address already in use");
    expect(remedies({ holders: [listens] })).toEqual([
      { kind: "listen", address: "127.0.0.1:9000" },
      { kind: "again" },
    ]);
  });

  test("by TIME_WAIT: who closed first, and when it ends", () => {
    const told = explained({ holders: [waits(12_000), waits(41_000)] });
    expect(told.sentence).toContain("its server closed first");
    expect(told.fixes[1]?.remedy).toEqual({ kind: "wait", ms: 41_000 });
    expect(told.fixes[1]?.title).toContain("in 41 s");
  });

  test("has no known end while one row is in another state", () => {
    expect(longestTimeWait([waits(5000), listens])).toBeNull();
    expect(longestTimeWait([])).toBeNull();
  });

  test("by an accepted connection that is still there", () => {
    const holder: Holder = { state: "ESTABLISHED", local, remote, timeWaitMs: null };
    expect(explained({ holders: [holder] }).sentence).toContain("still there (ESTABLISHED)");
  });
});

test("a port of the administrator's leads to one that is not", () => {
  const low = { ...address, port: 80 };
  expect(explained({ code: "EACCES" }, low).headline).toBe("Port 80 belongs to the administrator.");
  expect(remedies({ code: "EACCES" }, low)).toEqual([
    { kind: "listen", address: "127.0.0.1:9080" },
  ]);
});

test("an address of another machine leads to one of this", () => {
  const far = { ...address, host: "192.0.2.1" };
  expect(explained({ code: "EADDRNOTAVAIL" }, far).headline).toBe("192.0.2.1 is not this machine.");
  expect(remedies({ code: "EADDRNOTAVAIL" }, far)).toEqual([
    { kind: "listen", address: "127.0.0.1:9090" },
  ]);
});

test("where the gateway does not let a page listen, it says where it does", () => {
  const told = explained({ code: "LISTEN_NOT_ALLOWED" }, { ...address, host: "10.1.2.3" });
  expect(told.sentence).toBe("Pages may listen on 127.0.0.1 or ::1, ports 9000 to 9090.");
  expect(told.errno).toBeNull();
});

test("what is no address is to be corrected", () => {
  const told = explained({ code: "BAD_ADDRESS", detail: "The port is missing." }, null);
  expect(told.sentence).toBe("The port is missing.");
  expect(told.fixes.map(({ remedy }) => remedy)).toEqual([{ kind: "edit" }]);
});

test("any other failure can be tried again", () => {
  expect(remedies({ code: "EMFILE" })).toEqual([{ kind: "again" }]);
});
