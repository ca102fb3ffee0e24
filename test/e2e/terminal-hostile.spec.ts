/** A server that tries to use the terminal against its user: what it sends is shown, never obeyed. */
import { expect, test } from "../support/fixtures.ts";
import { converse } from "../support/terminal-page.ts";

/** Sequences that make a terminal answer, or reach what is not the server's. */
const attacks: [name: string, sequence: string, shown: string][] = [
  ["device attributes", "\x1b[c\x1b[>c\x1b[=c", "\\x1b[c\\x1b[>c\\x1b[=c"],
  ["status and cursor reports", "\x1b[5n\x1b[6n\x1b[?6n", "\\x1b[5n\\x1b[6n\\x1b[?6n"],
  ["DECRQSS", "\x1bP$qm\x1b\\", "\\x1bP$qm\\x1b\\"],
  ["DECRQM", "\x1b[?2026$p\x1b[4$p", "\\x1b[?2026$p\\x1b[4$p"],
  [
    "colour queries",
    "\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x1b\\",
    "\\x1b]4;1;?\\x07\\x1b]10;?\\x07\\x1b]11;?\\x1b\\",
  ],
  [
    "a clipboard write and read",
    "\x1b]52;c;ZXZpbA==\x07\x1b]52;c;?\x07",
    "\\x1b]52;c;ZXZpbA==\\x07",
  ],
  ["titles", "\x1b]0;evil\x07\x1b]2;evil\x07", "\\x1b]0;evil\\x07\\x1b]2;evil\\x07"],
  [
    "a link",
    "\x1b]8;;https://evil.test/\x07click\x1b]8;;\x07",
    "\\x1b]8;;https://evil.test/\\x07click",
  ],
  ["window reports", "\x1b[14t\x1b[18t\x1b[21t", "\\x1b[14t\\x1b[18t\\x1b[21t"],
  [
    "the printer's own calls",
    "\x1b]7771;m0\x07\x1b]7771;p\x07",
    "\\x1b]7771;m0\\x07\\x1b]7771;p\\x07",
  ],
  ["clearing and moving", "\x1b[2J\x1b[H\x1b[1A\r\b\x1bc", "\\x1b[2J\\x1b[H\\x1b[1A\\r\\x08\\x1bc"],
  ["colours", "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
  ["8-bit controls", "\u009b2J\u009d0;evil\u009c", "\\x9b2J\\x9d0;evil\\x9c"],
  [
    "bidi and invisible characters",
    "\u202eevil\u2066\u200b\ufeff",
    "\\u202eevil\\u2066\\u200b\\ufeff",
  ],
];

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
});

test("what attacks the terminal is shown, not obeyed, and not one byte goes up", async ({
  page,
}) => {
  // Room for all of them: what was on the screen before an attack has to be there after it.
  await page.setViewportSize({ width: 1280, height: 2000 });
  await converse(page, async ({ terminal, peer }) => {
    const title = await page.title();
    for (const [at, [name, sequence, shown]] of attacks.entries()) {
      await test.step(`${name}: shown, not obeyed, and not one byte goes up`, async () => {
        await page.evaluate(() => navigator.clipboard.writeText("mine"));
        await terminal.type("half");
        peer.send(`[${sequence}]after ${at}`);
        await terminal.shows(shown);
        await terminal.shows(`after ${at}Enter message: half`);
        await terminal.shows("Connected to 127.0.0.1");
        expect(await page.title()).toBe(title);
        expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
        expect(await page.locator(".xterm a, .xterm .xterm-cursor-pointer").count()).toBe(0);
        await terminal.press("Enter");
        // An answer would have come before the line.
        expect(await peer.take(4)).toBe("half");
      });
    }
    await test.step("a sequence cut into single bytes is not obeyed either", async () => {
      peer.socket.setNoDelay(true);
      const bytes = Buffer.from("\x1b[6n\x1b]0;evil\x07|");
      for (const byte of bytes) peer.send(new Uint8Array([byte]));
      await terminal.shows("\\x1b[6n\\x1b]0;evil\\x07|Enter message:");
      await terminal.type("x");
      await terminal.press("Enter");
      expect(await peer.take(1)).toBe("x");
    });
  });
});

test("what belongs together is whole, however it comes and however much it is", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await test.step("a character, a line end and an accent cut across reads are whole on the screen", async () => {
      const smile = Buffer.from("🙂");
      const whole = (count: number) =>
        expect(page.locator(".gutter .mark-in").first()).toHaveText(`${count} B`);
      peer.send(Buffer.concat([Buffer.from("a"), smile.subarray(0, 2)]));
      await whole(3);
      peer.send(smile.subarray(2));
      await whole(5);
      await terminal.endsWith("a🙂", "Enter message:");
      peer.send("e");
      await whole(6);
      peer.send("\u0301");
      await whole(8);
      peer.send("\r");
      await whole(9);
      peer.send("\nnext");
      await terminal.endsWith("a🙂e\u0301", "next", "Enter message:");
    });
    await test.step("a pile of marks on one letter does not stop the page", async () => {
      peer.send(`e${"\u0301".repeat(100_000)}\nend\n`);
      await terminal.endsWith("end", "Enter message:");
      await terminal.type("alive");
      await terminal.press("Enter");
      expect(await peer.bytes(5)).toBe("alive");
    });
  });
});
