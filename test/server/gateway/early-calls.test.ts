/** What a visitor did while it waited at the door reaches the page that accepts it, and costs little. */
import { expect, test } from "vitest";
import { EarlyCalls } from "../../../server/gateway/early-calls.ts";
import { createObserver, type Pair, type SocketCall } from "../../../server/observe.ts";

const page: Pair = {
  local: { host: "127.0.0.1", port: 9000 },
  remote: { host: "127.0.0.1", port: 50_000 },
};
const visitor: Pair = { local: page.remote, remote: page.local };

test("what was done before the door was asked, then, and afterwards comes in order", () => {
  const observer = createObserver();
  observer.publish(visitor, "connect");
  const early = new EarlyCalls(observer, page, performance.now());
  observer.publish(visitor, "send", 12);
  const calls: SocketCall[] = [];
  const stop = early.follow((call) => calls.push(call));
  observer.publish(visitor, "shutdown");
  stop();
  observer.publish(visitor, "close");
  expect(calls.map(({ call }) => call)).toEqual(["connect", "send", "shutdown"]);
});

test("a visitor that sends and sends is added up", () => {
  const observer = createObserver();
  const early = new EarlyCalls(observer, page, performance.now());
  observer.publish(visitor, "connect");
  const sends = 10_000;
  for (let i = 0; i < sends; i++) observer.publish(visitor, "send", 3);
  observer.publish(visitor, "shutdown");
  const calls: SocketCall[] = [];
  early.follow((call) => calls.push(call));
  expect(calls.length).toBeLessThan(100);
  expect(calls.at(-1)?.call).toBe("shutdown");
  const sent = calls.filter(({ call }) => call === "send");
  expect(sent.reduce((sum, { bytes = 0 }) => sum + bytes, 0)).toBe(3 * sends);
  expect(sent.reduce((sum, { calls: count = 1 }) => sum + count, 0)).toBe(sends);
});

test("what was done on an earlier connection between the same ports is told to nobody", () => {
  const observer = createObserver();
  observer.publish(visitor, "connect");
  observer.publish(visitor, "reset");
  const calls: SocketCall[] = [];
  new EarlyCalls(observer, page, performance.now() + 2000).follow((call) => calls.push(call));
  expect(calls).toEqual([]);
});
