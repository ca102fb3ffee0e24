/** A conversation saved as a terminal recording, played by asciinema's own player. */
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { writeAsciicast } from "../../web/model/recording/asciicast.ts";
import { data, recorded, tutorial } from "../support/recordings.ts";

const bundle = (name: string) =>
  fileURLToPath(
    new URL(`../../node_modules/asciinema-player/dist/bundle/${name}`, import.meta.url),
  );

interface Player {
  play(): Promise<unknown>;
  addEventListener(name: "ended", listener: () => void): void;
}
interface WithPlayer {
  AsciinemaPlayer: {
    create(source: { data: string }, element: HTMLElement, options: object): Player;
  };
}

/** An ESC that got through would clear the screen, and the answer before it would be gone. */
const hostile = recorded([
  ...tutorial.events.slice(0, 8),
  data(12, "in", 8, "\x1b[2J\x1b]0;owned\x07"),
  { kind: "reset", at: 13, side: "near", direction: "in", code: "ECONNRESET", detail: "" },
]);

for (const [what, recording, said] of [
  [
    "the tutorial's conversation",
    tutorial,
    [
      "$ talk tcp://127.0.0.1:8000",
      "→ 12 B      Enter message: Wake up, Neo",
      "← 8 B       accepted",
      "→ 5 B       Enter message: close",
      "← FIN       The server hung up.",
      "Connection to server closed",
    ],
  ],
  [
    "a conversation with a hostile server",
    hostile,
    [
      "← 8 B       accepted",
      "← 14 B      \\x1b[2J\\x1b]0;owned\\x07",
      "× RST       ConnectionResetError: [Errno 104] Connection reset by peer",
    ],
  ],
] as const) {
  test(`${what} plays to its end and stands on the player's screen`, async ({ page, context }) => {
    await context.setOffline(true);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    await page.setContent('<!doctype html><meta charset="utf-8"><div id="player"></div>');
    await page.addStyleTag({ path: bundle("asciinema-player.css") });
    await page.addScriptTag({ path: bundle("asciinema-player.min.js") });
    await page.evaluate(
      async (cast) => {
        const element = document.getElementById("player");
        const { AsciinemaPlayer } = window as unknown as WithPlayer;
        if (!element) throw new Error("no place for the player");
        const player = AsciinemaPlayer.create({ data: cast }, element, { speed: 20, fit: false });
        const ended = new Promise<void>((resolve) => player.addEventListener("ended", resolve));
        await player.play();
        await ended;
      },
      [...writeAsciicast(recording)].join(""),
    );
    const screen = page.locator(".ap-term");
    for (const line of said) await expect(screen).toContainText(line);
    expect(problems).toEqual([]);
  });
}
