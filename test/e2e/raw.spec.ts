/** Raw mode sends every key as it is pressed; escapes and hex digits in a line become bytes. */
import { expect, test } from "../support/fixtures.ts";
import { inLab } from "../support/lab-page.ts";
import { choose, opened, talkTo } from "../support/scenes.ts";
import { listenTcp, Talk } from "../support/tcp.ts";
import { converse, type TerminalPage } from "../support/terminal-page.ts";

/** The switch in the terminal's head. */
const raw = async ({ page }: TerminalPage, name: "Line" | "Raw") => {
  await page.locator(".pane-head").getByRole("button", { name, exact: true }).click();
};

test("every key is a send of its own, and one row of the terminal until something is answered", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("waits");
    await raw(terminal, "Raw");
    await terminal.shows("Raw mode: every key is sent as you press it.");
    await terminal.type("ab");
    expect(await peer.bytes(2)).toBe("ab");
    await expect(page.locator(".bar")).toContainText("2 B out, 2 sends");
    peer.send("answer");
    await terminal.shows("Keys: abanswerKeys:");
    await terminal.press("c", "Backspace", "Control+c", "Control+d", "ArrowUp", "Tab", "Enter");
    expect(await peer.bytes(2 + 9)).toBe("abc\x7f\x03\x04\x1b[A\t\r");
    await terminal.shows("Keys: c\\x7f\\x03\\x04\\x1b[A\\t\\r");
    await expect.poll(() => terminal.marks()).toEqual(["2 B →", "6 B ←", "9 B →"]);
    // Telnet's key goes back, and the line has waited.
    await terminal.press("Control+]");
    await terminal.shows("Enter message: waits");
    await terminal.press("Enter");
    expect(await peer.bytes(11 + 5)).toMatch(/waits$/);
  });
});

test("in raw mode keys, pasted text and line ends go out as they are, and nothing else does", async ({
  page,
}) => {
  await converse(page, async ({ terminal, server, peer }) => {
    await raw(terminal, "Raw");
    await test.step("a server that asks the terminal for answers gets none, in raw mode neither", async () => {
      peer.send(
        "\x1b[c\x1b[>c\x1b[6n\x1b[5n\x1bP$qm\x1b\\\x1b]10;?\x07\x1b[?1004h\x1b[?1000h\x05 asked",
      );
      await terminal.shows("asked");
      await page.locator("h1, .wordmark").first().click();
      await page.locator(".screen").click();
      await terminal.type("!");
      expect(await peer.take(1)).toBe("!");
    });
    await test.step("one pasted line is sent at once without what a terminal would obey; several lines ask", async () => {
      await terminal.paste("rm\x1b[31m -r");
      expect(await peer.bytes(9)).toBe("rm[31m -r");
      await terminal.paste("one\ntwo\n");
      const question = page.getByRole("dialog");
      await expect(question).toContainText("2 lines");
      expect(peer.received).toBe("rm[31m -r");
      await question.getByRole("button", { name: "Send" }).click();
      expect(await peer.take(17)).toBe("rm[31m -rone\rtwo\r");
    });
    await test.step("Enter sends the line ending that was chosen, and CR where none was", async () => {
      for (const ending of ["none", "lf", "crlf"]) {
        await page.getByLabel("Enter adds").selectOption(ending);
        await page.locator(".screen").click();
        await terminal.press("x", "Enter");
        await peer.until(() =>
          peer.received.endsWith({ none: "x\r", lf: "x\n" }[ending] ?? "x\r\n"),
        );
      }
      expect(peer.received).toBe("x\rx\nx\r\n");
    });
    await test.step("what cannot be sent in raw mode is said once, and Enter connects again", async () => {
      peer.socket.end();
      await terminal.shows("Press Enter to connect again.");
      await terminal.type("abc");
      await terminal.shows("Nothing was sent: there is no connection.");
      const said = (await terminal.rows()).filter((row) => row.startsWith("Nothing was sent"));
      expect(said).toHaveLength(1);
      await terminal.press("Enter");
      const again = new Talk(await server.accepted());
      await expect(page.locator(".bar")).toContainText("0 B out");
      await terminal.endsWith("Keys:");
      await terminal.type("z");
      expect(await again.bytes(1)).toBe("z");
    });
  });
});

test("without echo a row says how many keys there were, and what comes back is all that is seen", async ({
  page,
}) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    await lab.button("Raw").click();
    await lab.press("Echo: off");
    await lab.toTerminal();
    peer.socket.on("data", (data) => peer.send(data));
    await terminal.type("secret");
    await terminal.shows("secret");
    expect(await terminal.text()).not.toContain("Keys: s");
    await terminal.press("Enter");
    await terminal.shows("7 keys sent, not shown here");
    await expect
      .poll(async () => (await terminal.marks()).filter((m) => m.endsWith("→")))
      .not.toEqual([]);
  });
});

test("on a phone the field sends what its keyboard gives, and is empty again", async ({ page }) => {
  const server = await listenTcp();
  await page.setViewportSize({ width: 390, height: 844 });
  await choose(page, { hangUpToo: true });
  await talkTo(page, `tcp://127.0.0.1:${server.port}`);
  await page.goto("./");
  await opened(page);
  const peer = new Talk(await server.accepted());
  await page.getByRole("tab", { name: "Lab" }).click();
  await page.getByRole("region", { name: "Lab" }).getByRole("button", { name: "Raw" }).click();
  const field = page.getByLabel("Keys, sent at once");
  await field.click();
  await page.keyboard.type("hi");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Enter");
  expect(await peer.bytes(4)).toBe("hi\x7f\r");
  await expect(field).toHaveValue("");
  await page.close();
  await server.close();
});

test("escapes are bytes, shown before they are sent; a wrong one is explained and the line stays", async ({
  page,
}) => {
  await inLab(page, async ({ terminal, peer, lab }) => {
    // Off as long as nobody asks for them: a path stays a path.
    await lab.toTerminal();
    await terminal.type("C:\\new");
    await terminal.press("Enter");
    expect(await peer.bytes(6)).toBe("C:\\new");
    await lab.press("A line: Escapes");
    await lab.toTerminal();
    await terminal.type("\\x00\\u00e9\\r\\n");
    const preview = page.locator(".line-preview");
    await expect(preview).toHaveText("5 B: 00 c3 a9 0d 0a");
    await terminal.press("Enter");
    expect(await peer.bytes(11)).toBe("C:\\new\x00\xc3\xa9\r\n");
    await terminal.type("C:\\path");
    await expect(preview).toHaveText(
      "\\p is not an escape. Write \\\\p to send a backslash there.",
    );
    await terminal.press("Enter");
    await terminal.shows("Nothing was sent: \\p is not an escape.");
    await terminal.shows("Enter message: C:\\path");
    await terminal.press("Home", "ArrowRight", "ArrowRight");
    await terminal.type("\\");
    await expect(preview).toHaveText("7 B: 43 3a 5c 70 61 74 68");
    await terminal.press("Enter");
    expect((await peer.bytes(18)).slice(11)).toBe("C:\\path");
    await lab.press("A line: Hex");
    await lab.toTerminal();
    await page.getByLabel("Enter adds").selectOption("lf");
    await lab.toTerminal();
    await terminal.type("48 65 6c6c 6f");
    await expect(preview).toHaveText("6 B: 48 65 6c 6c 6f 0a");
    await terminal.press("Enter");
    expect((await peer.bytes(24)).slice(18)).toBe("Hello\n");
    await expect.poll(async () => (await terminal.marks()).slice(-2)).toEqual(["7 B →", "6 B →"]);
  });
});
