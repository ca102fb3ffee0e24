/** Metrics: names and labels that dashboards rely on, one registry a gateway. */
import { expect, test } from "vitest";
import { createMetrics } from "../../server/metrics.ts";

test("every metric has its documented name, and the process is measured too", async () => {
  const metrics = createMetrics();
  metrics.observe(() => ({
    sessions: 3,
    sessionsDetached: 1,
    channels: 4,
    listeners: 2,
    waiting: 5,
    rawConnections: 2,
    relays: 6,
    bufferedBytes: 512,
  }));
  metrics.carried.up += 7;
  metrics.opens.inc({ result: "ok" });
  metrics.resumes.inc({ result: "ok" });
  metrics.upgrades.inc({ result: "101" });
  metrics.messagesRejected.inc();
  const lines = (await metrics.registry.metrics()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "wireside_sessions 3",
      "wireside_sessions_detached 1",
      "wireside_channels 4",
      "wireside_listeners 2",
      "wireside_visitors_waiting 5",
      "wireside_raw_connections 2",
      "wireside_relays 6",
      "wireside_buffered_bytes 512",
      'wireside_bytes_total{direction="up"} 7',
      'wireside_opens_total{result="ok"} 1',
      'wireside_resumes_total{result="ok"} 1',
      'wireside_upgrades_total{result="101"} 1',
      "wireside_messages_rejected_total 1",
    ]),
  );
  expect(lines.some((line) => line.startsWith("process_resident_memory_bytes "))).toBe(true);
});

test("two gateways in one process count apart", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.messagesRejected.inc();
  expect(await other.registry.metrics()).toContain("wireside_messages_rejected_total 0");
});
