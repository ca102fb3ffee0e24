/** The terminal's manners, in a real browser, with a real TCP server at the other end. */
import { once } from "node:events";
import { expect, test } from "../support/fixtures.ts";
import { TalkPage } from "../support/talk-page.ts";
import { Talk } from "../support/tcp.ts";
import { converse } from "../support/terminal-page.ts";

test("Enter sends exactly the bytes typed, and the gutter says how many crossed", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("Wake up, Neo — ключ");
    await terminal.press("Enter");
    expect(await peer.bytes(25)).toBe(Buffer.from("Wake up, Neo — ключ").toString("latin1"));
    peer.send("accepted");
    await terminal.endsWith("Enter message: Wake up, Neo — ключ", "accepted", "Enter message:");
    await expect.poll(() => terminal.marks()).toEqual(["25 B →", "8 B ←"]);
  });
});

test("answers appear above a half-typed line, which keeps its text and its cursor", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("half typed");
    await terminal.press("ArrowLeft", "ArrowLeft", "ArrowLeft");
    peer.send("first\nsecond");
    await terminal.endsWith("first", "second", "Enter message: half typed");
    await terminal.cursorAt("Enter message: half ty", "p");
    peer.send(" goes on\n");
    await terminal.endsWith("first", "second goes on", "Enter message: half typed");
    await terminal.type("X");
    await terminal.endsWith("Enter message: half tyXped");
    await terminal.press("Enter");
    expect(await peer.bytes(11)).toBe("half tyXped");
  });
});

test("answers without line ends follow each other, and their reads add up in one mark", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    peer.send("accepted");
    await terminal.shows("accepted");
    peer.send("accepted");
    await terminal.endsWith("acceptedaccepted", "Enter message:");
    await expect.poll(() => terminal.marks()).toEqual(["16 B ←"]);
    await terminal.press("Enter");
    peer.send("more");
    await terminal.shows("acceptedaccepted Nothing was sent: a line needs at least one byte.");
    await terminal.endsWith("more", "Enter message:");
  });
});

test("wide characters, emoji and combining marks are edited as what they look like", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await page.keyboard.insertText("a漢👨‍👩‍👧‍👦e\u0301z");
    await terminal.press("ArrowLeft");
    await terminal.cursorAt("Enter message: a漢👨‍👩‍👧‍👦e\u0301", "z");
    await terminal.press("Backspace");
    await terminal.cursorAt("Enter message: a漢👨‍👩‍👧‍👦", "z");
    await terminal.press("Backspace");
    await terminal.cursorAt("Enter message: a漢", "z");
    await terminal.press("Home", "Delete", "End", "Enter");
    expect(await peer.bytes(4)).toBe(Buffer.from("漢z").toString("latin1"));
  });
});

test("a line that wraps is edited across its rows, and survives a resize in the middle", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await converse(page, async ({ terminal, peer }) => {
    const line = "The quick brown fox jumps over the lazy dog and runs into the woods.";
    peer.send("before");
    await terminal.shows("before");
    await terminal.type(line);
    await terminal.press("Home", "Alt+f", "Alt+f");
    await terminal.cursorAt("Enter message: The quick", " ");
    await page.setViewportSize({ width: 1000, height: 700 });
    await terminal.shows(`beforeEnter message: ${line}`);
    await terminal.cursorAt("Enter message: The quick", " ");
    peer.send(" after");
    await terminal.shows(`before afterEnter message: ${line}`);
    await page.setViewportSize({ width: 1600, height: 900 });
    await terminal.shows(`before afterEnter message: ${line}`);
    await terminal.type(",");
    await terminal.press("Enter");
    expect(await peer.bytes(line.length + 1)).toBe(line.replace("quick", "quick,"));
    await expect.poll(async () => (await terminal.text()).split("quick").length).toBe(2);
  });
});

test("a line taller than the screen shows its part around the cursor, and is sent whole", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1000, height: 480 });
  await converse(page, async ({ terminal, peer }) => {
    const line = `start ${"0123456789".repeat(120)} end`;
    await page.keyboard.insertText(line);
    await terminal.shows("789 end");
    await terminal.press("Home");
    await terminal.shows("Enter message: start 0123");
    peer.send("answer");
    await terminal.shows("answerEnter message: start 0123");
    await terminal.press("Enter");
    expect(await peer.bytes(line.length)).toBe(line);
  });
});

test("Ctrl keys move and cut as in a shell", async ({ page }) => {
  await converse(page, async ({ terminal }) => {
    await terminal.type("one two three");
    await terminal.press("Control+w");
    await terminal.endsWith("Enter message: one two");
    await terminal.press("Control+a", "Control+y");
    await terminal.endsWith("Enter message: threeone two");
    await terminal.press("Control+k");
    await terminal.endsWith("Enter message: three");
    await terminal.press("Control+ArrowLeft", "Control+y", "Control+e", "Control+u");
    await terminal.endsWith("Enter message:");
    await terminal.cursorAt("Enter message: ", " ");
  });
});

test("the history belongs to the address and keeps the draft", async ({ page }) => {
  await converse(page, async ({ terminal, peer, server }) => {
    for (const line of ["first", "second"]) {
      await terminal.type(line);
      await terminal.press("Enter");
    }
    await peer.bytes(11);
    await terminal.type("draft");
    await terminal.press("ArrowUp", "ArrowUp");
    await terminal.endsWith("Enter message: first");
    await terminal.press("ArrowDown", "ArrowDown");
    await terminal.endsWith("Enter message: draft");
    await page.reload();
    await server.accepted();
    await terminal.endsWith("Enter message: draft");
    await terminal.press("ArrowUp");
    await terminal.endsWith("Enter message: second");
  });
});

test("Ctrl-C drops the line, and Ctrl-L clears the screen but not the line", async ({ page }) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("never mind");
    await terminal.press("Control+c");
    await terminal.endsWith("Enter message: never mind^C", "Enter message:");
    await terminal.type("kept");
    await terminal.press("Control+l");
    await expect.poll(() => terminal.rows()).toEqual(["Enter message: kept"]);
    await terminal.press("Enter");
    expect(await peer.bytes(4)).toBe("kept");
  });
});

test("Ctrl-D on an empty line ends our direction, and the server may still answer", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("ab");
    await terminal.press("ArrowLeft", "Control+d", "Enter");
    expect(await peer.bytes(1)).toBe("a");
    await terminal.press("Control+d");
    expect(await peer.rest()).toBe("a");
    await terminal.shows("You ended your direction (FIN).");
    peer.send("late answer");
    await terminal.endsWith("late answer");
    await terminal.type("x");
    await terminal.press("Enter");
    await terminal.shows("you have ended your direction.");
    peer.socket.end();
    await terminal.shows("The server hung up too.");
    await terminal.shows("Connection to server closed");
    expect(peer.received).toBe("a");
  });
});

test("after the end one key connects again, and a line that was typed stays", async ({ page }) => {
  await converse(page, async ({ terminal, peer, server }) => {
    peer.send("closed");
    await peer.rest();
    await terminal.endsWith(
      "closed",
      "You hung up.",
      "Connection to server closed",
      "Press Enter to connect again.",
    );
    await terminal.type("x");
    await terminal.press("Enter");
    await terminal.shows("there is no connection.");
    await terminal.press("Backspace", "Enter");
    const again = new Talk(await server.accepted());
    await terminal.endsWith(`Connected to 127.0.0.1:${server.port}`, "Enter message:");
    await terminal.type("back");
    await terminal.press("Enter");
    expect(await again.bytes(4)).toBe("back");
  });
});

test("with hanging up switched off, the end that is still open is named", async ({ page }) => {
  await converse(
    page,
    async ({ terminal, peer }) => {
      peer.socket.end();
      await terminal.endsWith(
        "The server hung up.",
        "Your end is still open: CLOSE_WAIT.",
        "Press Close to hang up too.",
        "Enter message:",
      );
      await page.getByRole("button", { name: "Close", exact: true }).click();
      await peer.rest();
      await terminal.shows("Connection to server closed");
    },
    { hangUpToo: false },
  );
});

test("a reset is an error with its number, not an end", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 1000 });
  await converse(page, async ({ terminal, peer }) => {
    const gone = once(peer.socket, "close");
    peer.socket.resetAndDestroy();
    await gone;
    await terminal.shows("ConnectionResetError: [Errno 104] Connection reset by peer");
    await terminal.shows("Press Enter to connect again.");
    await expect.poll(() => terminal.marks()).toEqual(["RST ←"]);
    expect(await terminal.text()).not.toContain("hung up");
  });
});

test("a refused connection is explained, and one key tries again", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 1000 });
  await converse(page, async ({ terminal, peer, server }) => {
    await server.close();
    await terminal.shows("Press Enter to connect again.");
    expect(peer.received).toBe("");
    await terminal.press("Enter");
    await terminal.shows(`$ talk tcp://127.0.0.1:${server.port}`);
    await terminal.shows("ConnectionRefusedError: [Errno 111]");
    await terminal.shows("Nothing was sent.");
  });
});

test("a selection is copied by Ctrl-C and the line stays", async ({ page }) => {
  await converse(page, async ({ terminal, peer }) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    peer.send("treasure\n");
    await terminal.shows("treasure");
    await terminal.type("kept");
    const row = page.locator(".xterm-rows > div", { hasText: "treasure" });
    const box = await row.boundingBox();
    // By place: xterm takes the mouse above its rows.
    await page.mouse.dblclick((box?.x ?? 0) + 30, (box?.y ?? 0) + 10);
    await terminal.press("Control+c");
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("treasure");
    await terminal.endsWith("treasure", "Enter message: kept");
  });
});

test("the cursor blinks without an endless animation, and is there while somebody types", async ({
  page,
}) => {
  await new TalkPage(page).open();
  const colour = () =>
    page.locator(".xterm-cursor").evaluate((cell) => getComputedStyle(cell).backgroundColor);
  const out = page.locator(".xterm.cursor-out");
  await expect(out).toHaveCount(0);
  const seen = await colour();
  await expect(out).toHaveCount(1);
  await expect.poll(colour).not.toBe(seen);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await page.keyboard.type("a");
  await expect.poll(colour).toBe(seen);
});
