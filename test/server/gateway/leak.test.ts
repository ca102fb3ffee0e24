/**
 * Thousands of listening and connecting channels leave nothing behind: no descriptor, no timer, no
 * memory. `WIRESIDE_CHURN_SECONDS=60` opens 2000 of them, spread over that time; without it they are fewer,
 * and come as fast as they can.
 */
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually, settled } from "../../support/eventually.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { openDescriptors } from "../../support/levels.ts";
import { Host } from "../../support/listening.ts";
import { openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const MIB = 1024 * 1024;
const { WIRESIDE_CHURN_SECONDS: SECONDS_TEXT = "0" } = process.env;
const SECONDS = Number(SECONDS_TEXT);
/** One round is a listening channel, a connecting one, and the one that is accepted. */
const ROUNDS = SECONDS > 0 ? 1000 : 300;
/** Pairs of pages at work at once. */
const PAIRS = 8;

/** What this process holds when nothing is under way. */
async function held(wire: Wire) {
  for (const name of ["sessions", "channels", "listeners", "visitors_waiting", "buffered_bytes"]) {
    await eventually(
      () => wire.level(`wireside_${name}`),
      (level) => level === 0,
    );
  }
  // Sockets of both ends are closed by now, or some turns of the loop later.
  const counts = () =>
    JSON.stringify({
      descriptors: openDescriptors(process.pid),
      resources: process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length,
      timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length,
    });
  const held = JSON.parse(await settled(counts)) as Record<string, number>;
  collectGarbage();
  return { ...held, heap: process.memoryUsage().heapUsed };
}

/** A page listens, another connects and talks with it, and both let go, in one of several ways. */
async function round(pages: Awaited<ReturnType<typeof openPair>>, number: number): Promise<void> {
  const host = await new Host(pages.server, { atOnce: number % 2 === 0 }).listening();
  const client = new Talker(pages.client, host.port);
  if (number % 2 === 1) host.listener.accept();
  const server = await host.guest(0);
  client.send("Wake up, Neo");
  await server.when(({ text }) => text === "Wake up, Neo");
  server.send("accepted");
  await client.when(({ text }) => text === "accepted");
  if (number % 3 === 0) client.channel.abort();
  else client.channel.shutdown();
  if (number % 3 === 1) server.channel.shutdown();
  else server.channel.close();
  host.listener.stop();
  await host.when(({ isOver }) => isOver);
  await Promise.all([client.when(({ ended }) => ended), server.when(({ ended }) => ended)]);
}

const openPair = async (wire: Wire) => ({
  server: await openLink(wire),
  client: await openLink(wire),
});

async function churn(wire: Wire, rounds: number, seconds: number): Promise<void> {
  const startedAt = performance.now();
  let next = 0;
  const work = async () => {
    const pages = await openPair(wire);
    while (next < rounds) {
      const number = next++;
      const dueMs = (number / rounds) * seconds * 1000 - (performance.now() - startedAt);
      if (dueMs > 0) await pause(dueMs);
      await round(pages, number);
    }
    pages.server.stop();
    pages.client.stop();
  };
  await Promise.all(Array.from({ length: PAIRS }, work));
}

test(
  `${2 * ROUNDS} listening and connecting channels leave nothing behind`,
  async () => {
    const wire = await startWire(["--open-rate", "1000/s,1000"]);
    // What is made once stays: compiled code, pools, the first of everything.
    await churn(wire, 150, 0);
    const before = await held(wire);
    await churn(wire, ROUNDS, SECONDS);
    const after = await held(wire);
    expect({ ...after, heap: 0 }).toEqual({ ...before, heap: 0 });
    expect(after.heap - before.heap).toBeLessThan(2 * MIB);
    await wire.stop();
  },
  120_000 + 2000 * SECONDS,
);
