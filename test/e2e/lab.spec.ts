/** Lab controls: what each does is drawn in the ladder or told in the list, and true in the kernel. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { nearCalls, showList, times, told } from "../support/event-list.ts";
import { settled } from "../support/eventually.ts";
import { expect, test } from "../support/fixtures.ts";
import { inLab, LabPage } from "../support/lab-page.ts";
import { opened, show } from "../support/scenes.ts";
import { ssRow, ssState } from "../support/ss.ts";
import { TalkPage } from "../support/talk-page.ts";

const KIB = 1024;

/** Each read of a socket with its time, in milliseconds. */
function readsOf(socket: Socket): { text: string; at: number }[] {
  const reads: { text: string; at: number }[] = [];
  socket.on("data", (data: Buffer) => reads.push({ text: `${data}`, at: performance.now() }));
  return reads;
}

/** Both ends as they name themselves: the gateway's, and the server's. */
function endsOf(socket: Socket) {
  const gateway = { host: "127.0.0.1", port: socket.remotePort ?? 0 };
  const server = { host: "127.0.0.1", port: socket.localPort ?? 0 };
  return { gateway, server };
}

/** The ladder has a row with these words. */
const drawn = (page: Page, text: string | RegExp) =>
  expect(
    page
      .getByRole("region", { name: /^Ladder of/ })
      .getByRole("listitem")
      .filter({ hasText: text }),
  ).not.toHaveCount(0);

test("in pieces with a pause, a line is as many sends as it has pieces, each a segment of its own", async ({
  page,
}) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    const reads = readsOf(peer.socket);
    await lab.fill("In pieces of bytes", "5");
    await lab.fill("Pause ms", "120");
    await lab.confirmed();
    await lab.toTerminal();
    await terminal.type("Wake up, Neo");
    await terminal.press("Enter");
    await expect.poll(() => reads.map(({ text }) => text).join("")).toBe("Wake up, Neo");
    // Who is kept from reading for longer than a pause gets two pieces at once, but never a part of one.
    for (const { text } of reads) expect(text).toMatch(/^(Wake )?(up, N)?(eo)?$/);
    expect(segmentsTo(peer.socket.localPort ?? 0)).toBeGreaterThanOrEqual(3);
    await drawn(page, /120 ms between sends/);
    await drawn(page, /sent 5 bytes/);
    await expect.poll(() => terminal.marks()).toEqual(["12 B →"]);
    await showList(page);
    await expect
      .poll(async () => (await told(nearCalls(page))).slice(-3))
      .toEqual(["sent 5 B Wake", "sent 5 B up, N", "sent 2 B eo"]);
    const [first = 0, , last = 0] = (await times(nearCalls(page))).slice(-3);
    expect(last - first).toBeGreaterThan(2 * 0.119);
  });
});

test("a delay holds back what is sent, and close waits for it", async ({ page }) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    await test.step("a delay holds a send back at the gateway, and is told", async () => {
      const reads = readsOf(peer.socket);
      await lab.fill("Delay ms", "400");
      await lab.confirmed();
      await lab.toTerminal();
      await terminal.type("late");
      const pressedAt = performance.now();
      await terminal.press("Enter");
      // Until the gateway's kernel has it, it is not called sent.
      await expect(page.locator(".status")).toContainText("0 B");
      await expect.poll(() => reads.map(({ text }) => text)).toEqual(["late"]);
      expect((reads[0]?.at ?? 0) - pressedAt).toBeGreaterThanOrEqual(400);
      expect(await peer.take(4)).toBe("late");
      await drawn(page, /each send waits 400 ms/);
    });
    await test.step("close sends what waits and then FIN; reset loses it with RST", async () => {
      await lab.fill("Delay ms", "200");
      await lab.confirmed();
      await lab.toTerminal();
      await terminal.type("last words");
      await terminal.press("Enter");
      await lab.button("Close").click();
      expect(await peer.rest()).toBe("last words");
      await terminal.shows("Connection to server closed");
    });
  });
});

/** Segments with data that the gateway's end has sent, in the kernel's count (ss -i). */
function segmentsTo(port: number): number {
  const printed = execFileSync("ss", ["-tinH", "dst", `127.0.0.1:${port}`], { encoding: "utf8" });
  return Number(/data_segs_out:(\d+)/.exec(printed)?.[1] ?? 0);
}

test("without Nagle's algorithm every piece is a segment of its own", async ({ page }) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    await lab.fill("In pieces of bytes", "1");
    await lab.press("Nagle: off");
    await drawn(page, /TCP_NODELAY on: Nagle's algorithm is off/);
    await lab.toTerminal();
    const line = "Follow the white rabbit";
    await terminal.type(line);
    await terminal.press("Enter");
    expect(await peer.bytes(line.length)).toBe(line);
    // One may be sent again where the machine is slow; joined they would be fewer.
    expect(segmentsTo(peer.socket.localPort ?? 0)).toBeGreaterThanOrEqual(line.length);
  });
});

test("while reading is stopped bytes wait in the kernel and then in the other end's, and nothing is lost", async ({
  page,
}) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    const talk = new TalkPage(page);
    const { gateway, server } = endsOf(peer.socket);
    await lab.press("Reading: stopped");
    peer.socket.write(Buffer.alloc(100 * KIB, "x"));
    expect(await settled(() => ssRow(gateway, server)?.unread)).toBe(100 * KIB);
    await expect(page.locator(".status")).toContainText("100 KiB unread");
    await expect(talk.status("In")).toHaveText("0 B");
    // More than both kernels hold: send() of the other end would wait now.
    peer.socket.write(`${"y".repeat(79)}\n`.repeat(64 * KIB));
    await expect.poll(() => ssRow(server, gateway)?.unsent ?? 0).toBeGreaterThan(0);
    expect(peer.socket.writableLength).toBeGreaterThan(0);
    await drawn(page, /reading stopped/);
    await lab.press("Reading: on");
    await expect(talk.status("In")).toHaveText("5.10 MiB", { timeout: 40_000 });
    await expect.poll(() => ssRow(gateway, server)?.unread).toBe(0);
    await terminal.shows("yyyy");
  });
});

test("shut down ends one direction, and the other still carries", async ({ page }) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    const { gateway, server } = endsOf(peer.socket);
    await lab.button("Shut down").click();
    expect(await peer.rest()).toBe("");
    await expect.poll(() => ssState(gateway, server)).toBe("FIN_WAIT2");
    expect(ssState(server, gateway)).toBe("CLOSE_WAIT");
    await terminal.shows("You ended your direction (FIN).");
    await drawn(page, /you ended your direction \(FIN\)/);
    await expect(lab.button("Shut down")).toBeDisabled();
    peer.send("still here");
    await terminal.shows("still here");
  });
});

test("reset is an error at the other end, and no socket is left", async ({ page }) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    const { gateway, server } = endsOf(peer.socket);
    const failed = once(peer.socket, "error");
    await lab.button("Reset").click();
    expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
    expect(ssState(gateway, server)).toBe("CLOSED");
    await terminal.shows("Connection cut off (RST).");
    await drawn(page, /you gave the connection up \(RST\)/);
    const reason = lab.panel.getByText("There is no connection.");
    await expect(reason).toBeVisible();
    for (const name of ["Nagle: off", "Reading: stopped", "Shut down", "Close", "Reset"]) {
      await expect(lab.button(name)).toBeDisabled();
    }
  });
});

test("what is chosen is checked first, and lasts as long as it should", async ({ page }) => {
  await inLab(page, async ({ terminal, server, peer, lab }) => {
    await test.step("a number that cannot be is explained and kept, and not asked for; defaults bring all back", async () => {
      await lab.fill("In pieces of bytes", "0");
      await lab.fill("Pause ms", "10001");
      await expect(lab.panel.getByRole("alert")).toHaveText([
        "A whole number from 1 to 65,536 bytes.",
        "A whole number from 0 to 10,000 ms.",
      ]);
      const pieces = lab.panel.getByRole("textbox", { name: "In pieces of bytes" });
      await expect(pieces).toHaveAttribute("aria-invalid", "true");
      await pieces.press("Escape");
      await expect(pieces).toHaveValue("");
      await lab.fill("Pause ms", "7");
      await lab.fill("In pieces of bytes", "3");
      await lab.press("Reading: stopped");
      await lab.button("Back to defaults").click();
      await expect(lab.button("Reading: on")).toHaveAttribute("aria-pressed", "true");
      await expect(lab.panel.getByRole("textbox", { name: "Pause ms" })).toHaveValue("0");
      await expect(pieces).toHaveValue("");
    });
    await test.step("pieces are the page's own and stay for the next connection; the rest begins anew", async () => {
      const failed = once(peer.socket, "error");
      await lab.fill("In pieces of bytes", "3");
      await lab.press("Nagle: off");
      await lab.button("Reset").click();
      expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
      await terminal.shows("Press Enter to connect again.");
      await lab.toTerminal();
      await terminal.press("Enter");
      const reads = readsOf(await server.accepted());
      await expect(lab.button("Nagle: on")).toHaveAttribute("aria-pressed", "true");
      await terminal.shows("Enter message:");
      await terminal.type("sixsix");
      await terminal.press("Enter");
      await expect.poll(() => reads.map(({ text }) => text).join("")).toBe("sixsix");
      await expect(page.locator(".status")).toContainText("6 B");
      await showList(page);
      await expect
        .poll(async () => (await told(nearCalls(page))).slice(-2))
        .toEqual(["sent 3 B six", "sent 3 B six"]);
    });
  });
});

for (const width of [1440, 390]) {
  test(`axe finds nothing in the lab, and all of it is large enough: ${width}`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    await show(page, "open");
    const lab = new LabPage(page);
    if (width < 861) await page.getByRole("tab", { name: "Lab" }).click();
    else await lab.open();
    for (const scene of ["open", "escapes", "wrong", "raw"]) {
      if (scene === "escapes") await lab.button("A line: Escapes").click();
      if (scene === "wrong") await lab.fill("Pause ms", "x");
      if (scene === "raw") await lab.button("Raw").click();
      expect(await violationsInBothThemes(page)).toEqual([]);
    }
    const heights = await page
      .locator("button:visible, select:visible, .lab input:visible")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(width < 861 ? 48 : 32);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}

test("the lab goes by keyboard alone, and gives the focus back", async ({ page }) => {
  await show(page, "open");
  await opened(page);
  const { keyboard } = page;
  await page.locator(".screen textarea").focus();
  // The button stands before the terminal, and Tab belongs to that.
  await keyboard.press("Shift+Tab");
  const button = page.getByRole("button", { name: "Lab", exact: true });
  await expect(button).toBeFocused();
  await keyboard.press("Enter");
  const lab = new LabPage(page);
  await expect(lab.panel).toBeVisible();
  await page.locator(".screen textarea").focus();
  await keyboard.press("F6");
  await expect(lab.panel.getByRole("textbox", { name: "In pieces of bytes" })).toBeFocused();
  await keyboard.type("4");
  await keyboard.press("Tab");
  await expect(lab.panel.getByRole("textbox", { name: "Pause ms" })).toBeFocused();
  await keyboard.press("Escape");
  await expect(lab.panel).toBeHidden();
  await expect(button).toBeFocused();
});
