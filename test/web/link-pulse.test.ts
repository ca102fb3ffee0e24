/** When a page takes its gateway for gone although the WebSocket says nothing of it; time is the test's. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pulse } from "../../web/link-pulse.ts";

let pulse: Pulse;
let asked: number[];
let silences: number;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
  });
  asked = [];
  silences = 0;
  pulse = new Pulse({
    ask: (n) => void asked.push(n),
    measured: () => {},
    silent: () => {
      silences++;
      pulse.rest();
    },
  });
  pulse.start();
  vi.advanceTimersByTime(1);
});
afterEach(() => {
  pulse.stop();
  vi.useRealTimers();
});

/** The gateway answers everything that it was asked by now. */
function answers(): void {
  vi.advanceTimersByTime(1);
  pulse.heard();
  for (const n of asked.splice(0)) pulse.answered(n);
}

/** A WebSocket on which everything has been answered. */
function attached(): void {
  pulse.attached();
  while (asked.length > 0) answers();
  vi.advanceTimersByTime(1);
}

test("offline and without an answer for a second and a half, it is gone", () => {
  attached();
  pulse.doubt();
  vi.advanceTimersByTime(1_499);
  expect(silences).toBe(0);
  vi.advanceTimersByTime(1);
  expect(silences).toBe(1);
});

test("a doubt that was answered is none, though something else was asked just before it ended", () => {
  attached();
  pulse.doubt();
  answers();
  vi.advanceTimersByTime(1_495);
  pulse.ask();
  vi.advanceTimersByTime(1_000);
  expect(silences).toBe(0);
});

test("offline said twice is one doubt, which ends with its WebSocket", () => {
  attached();
  pulse.doubt();
  vi.advanceTimersByTime(1_000);
  pulse.doubt();
  pulse.rest();
  pulse.connecting();
  vi.advanceTimersByTime(100);
  pulse.heard();
  vi.advanceTimersByTime(1);
  pulse.attached();
  vi.advanceTimersByTime(1_000);
  expect(silences).toBe(0);
});

test("offline said again changes nothing about when it is gone; after an answer it counts anew", () => {
  attached();
  pulse.doubt();
  vi.advanceTimersByTime(1_000);
  pulse.doubt();
  vi.advanceTimersByTime(500);
  expect(silences).toBe(1);
  attached();
  pulse.doubt();
  answers();
  vi.advanceTimersByTime(1_000);
  pulse.doubt();
  vi.advanceTimersByTime(1_499);
  expect(silences).toBe(1);
  vi.advanceTimersByTime(1);
  expect(silences).toBe(2);
});
