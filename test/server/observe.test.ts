/** Who is told what the servers of this process do, and how much is kept of what nobody asked for. */
import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { createObserver, type Pair, type SocketCall } from "../../server/observe.ts";
import { collectGarbage } from "../support/garbage.ts";

const LESSON = { host: "127.0.0.1", port: 8000 };

/** The server's socket for the client on a port, and the client's own. */
const serverPair = (port: number): Pair => ({
  local: LESSON,
  remote: { host: "127.0.0.1", port },
});
const clientPair = (port: number): Pair => ({
  local: { host: "127.0.0.1", port },
  remote: LESSON,
});

/** A listener that keeps what it hears, in short: `recv 12`. */
function listener() {
  const heard: string[] = [];
  const hear = ({ call, bytes }: SocketCall) =>
    void heard.push(bytes === undefined ? call : `${call} ${bytes}`);
  return { heard, hear };
}

test("a follower hears each call of the other end at once, in order, with its time", () => {
  const observer = createObserver();
  const calls: SocketCall[] = [];
  observer.follow(clientPair(1), (call) => calls.push(call));
  const from = performance.now();
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "recv", 12);
  observer.publish(serverPair(1), "send", 8);
  observer.publish(serverPair(1), "recv", 0);
  expect(calls.map(({ call, bytes }) => [call, bytes])).toEqual([
    ["accept", undefined],
    ["recv", 12],
    ["send", 8],
    ["recv", 0],
  ]);
  const times = [from, ...calls.map(({ at }) => at), performance.now()];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test("who follows a moment late is told what was done before, then what is done", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "send", 8);
  observer.follow(clientPair(1), hear);
  expect(heard).toEqual(["accept", "send 8"]);
  observer.publish(serverPair(1), "close");
  expect(heard).toEqual(["accept", "send 8", "close"]);
});

test("a connection that was over before anybody could follow is still told", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "reset");
  observer.follow(clientPair(1), hear);
  expect(heard).toEqual(["accept", "reset"]);
});

test("nobody hears of another pair: another port, another host, or the same pair the other way", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.follow(clientPair(1), hear);
  observer.follow({ local: { host: "127.0.0.2", port: 2 }, remote: LESSON }, hear);
  observer.follow(serverPair(2), hear);
  observer.publish(serverPair(2), "accept");
  observer.publish(serverPair(2), "recv", 5);
  expect(heard).toEqual([]);
});

test("who stops following hears no more, and who follows then is told nothing of it", () => {
  const observer = createObserver();
  const [first, second] = [listener(), listener()];
  const stop = observer.follow(clientPair(1), first.hear);
  observer.publish(serverPair(1), "accept");
  stop();
  observer.publish(serverPair(1), "recv", 5);
  observer.follow(clientPair(1), second.hear);
  observer.publish(serverPair(1), "recv", 6);
  expect(first.heard).toEqual(["accept"]);
  expect(second.heard).toEqual([]);
});

test("a socket that listens on IPv6 and is reached over IPv4 is the same to whoever dialled IPv4", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.follow(clientPair(1), hear);
  const mapped: Pair = {
    local: { host: "::ffff:127.0.0.1", port: 8000 },
    remote: { host: "::FFFF:127.0.0.1", port: 1 },
  };
  observer.publish(mapped, "accept");
  expect(heard).toEqual(["accept"]);
});

test("a pair that is used again starts anew: its old follower hears nothing of it", () => {
  const observer = createObserver();
  const [old, fresh] = [listener(), listener()];
  observer.follow(clientPair(1), old.hear);
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "close");
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "recv", 7);
  observer.follow(clientPair(1), fresh.hear);
  expect(old.heard).toEqual(["accept", "close"]);
  expect(fresh.heard).toEqual(["accept", "recv 7"]);
});

test("a pair whose old connection was never seen to end starts anew with its accept, too", () => {
  const observer = createObserver();
  const [old, fresh] = [listener(), listener()];
  observer.follow(clientPair(1), old.hear);
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "accept");
  observer.follow(clientPair(1), fresh.hear);
  expect(old.heard).toEqual(["accept"]);
  expect(fresh.heard).toEqual(["accept"]);
});

test("what was done before connect(2) was another program's, even if its accept comes late", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "recv", 23);
  observer.follow(clientPair(1), hear, performance.now() + 1);
  // The old connection's last words, then the new one's first.
  observer.publish(serverPair(1), "close");
  observer.publish(serverPair(1), "accept");
  observer.publish(serverPair(1), "recv", 5);
  expect(heard).toEqual(["accept", "recv 5"]);
});

test("a connection with very many calls that nobody followed is not told by halves", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.publish(serverPair(1), "accept");
  for (let i = 0; i < 1000; i++) observer.publish(serverPair(1), "recv", 16);
  observer.follow(clientPair(1), hear);
  observer.publish(serverPair(1), "recv", 16);
  expect(heard).toEqual([]);
});

test("of connections nobody follows 256 are kept, the newest, and those that are followed count apart", () => {
  const observer = createObserver();
  const followed = listener();
  observer.follow(clientPair(1), followed.hear);
  observer.publish(serverPair(1), "accept");
  const ports = Array.from({ length: 5000 }, (_, i) => i + 10);
  for (const port of ports) observer.publish(serverPair(port), "accept");
  const kept = ports.filter((port) => {
    const late = listener();
    observer.follow(clientPair(port), late.hear);
    return late.heard.length > 0;
  });
  expect(kept).toEqual(ports.slice(-256));
  observer.publish(serverPair(1), "recv", 3);
  expect(followed.heard).toEqual(["accept", "recv 3"]);
});

test("a million calls that nobody follows leave nothing behind that grows", () => {
  const observer = createObserver();
  const rounds = (from: number) => {
    for (let port = from; port < from + 5000; port++) {
      const pair = serverPair(port);
      observer.publish(pair, "accept");
      for (let i = 0; i < 98; i++) observer.publish(pair, "recv", 16);
      observer.publish(pair, "close");
    }
  };
  // Once around first: what is kept at most is kept from then on.
  rounds(0);
  const before = heapAfterCollection();
  rounds(5000);
  rounds(10_000);
  expect(heapAfterCollection() - before).toBeLessThan(2 * 1024 * 1024);
});

/** Bytes in use once garbage is gone. */
function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test("a client's calls begin with its connect, and the server hears them", () => {
  const observer = createObserver();
  const { heard, hear } = listener();
  observer.publish(clientPair(1), "send", 3);
  observer.publish(clientPair(1), "connect");
  observer.publish(clientPair(1), "send", 12);
  observer.follow(serverPair(1), hear);
  observer.publish(clientPair(1), "close");
  expect(heard).toEqual(["connect", "send 12", "close"]);
});
