/** One lesson server in this process, its clients, and what it says it did on their sockets. */
import type { Socket } from "node:net";
import { expect } from "vitest";
import type { Rules } from "../../server/lessons/rules.ts";
import { type LessonOptions, type LessonServer, startLesson } from "../../server/lessons/serve.ts";
import { createObserver, type Observer, type Pair, type SocketCall } from "../../server/observe.ts";
import { connectTcp, type Talk } from "./tcp.ts";

export type LessonStart = Partial<Omit<LessonOptions, "rules" | "observer">>;

const started: LessonServer[] = [];
const talks: Talk[] = [];

/** Ends what a test has begun here. */
export async function endLessons(): Promise<void> {
  for (const talk of talks.splice(0)) talk.socket.destroy();
  await Promise.all(started.splice(0).map((server) => server.close()));
}

/** Starts a lesson server on a free port. */
export async function run(rules: Rules, options: LessonStart = {}) {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const observer = createObserver();
  const follow = ({ socket }: Talk) => followed(observer, socket);
  const own = { host: "127.0.0.1", port: 0, once: false, log, observer };
  const server = await startLesson({ ...own, ...options, rules });
  started.push(server);
  return { server, lines, port: server.port, observer, follow };
}

/** A client. */
export async function join(port: number, host?: string): Promise<Talk> {
  const talk = await connectTcp(port, host);
  talks.push(talk);
  return talk;
}

export const pairOf = (socket: Socket): Pair => ({
  local: { host: socket.localAddress ?? "", port: socket.localPort ?? 0 },
  remote: { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
});

/** The server's calls on a client's connection, in short: `recv 12`. Begins with those made before. */
function followed(observer: Observer, socket: Socket) {
  const calls: SocketCall[] = [];
  observer.follow(pairOf(socket), (call) => calls.push(call));
  const told = () =>
    calls.map(({ call, bytes }) => (bytes === undefined ? call : `${call} ${bytes}`));
  const bytes = (name: SocketCall["call"]) =>
    calls.reduce((sum, { call, bytes = 0 }) => (call === name ? sum + bytes : sum), 0);
  const over = () => expect.poll(() => calls.at(-1)?.call).toMatch(/^(close|reset)$/);
  return { calls, told, bytes, over };
}
