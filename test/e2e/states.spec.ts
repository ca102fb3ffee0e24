/** The states on the screen are the system's own: what `ss` prints for the same sockets at that moment. */
import type { Page } from "@playwright/test";
import type { TcpState } from "../../shared/tcp.ts";
import { startBlackHole } from "../support/black-hole.ts";
import { expect, test } from "../support/fixtures.ts";
import { ssState, ssTalkingTo } from "../support/ss.ts";
import { TalkPage } from "../support/talk-page.ts";
import { Talk } from "../support/tcp.ts";
import { type Conversation, converse, TerminalPage } from "../support/terminal-page.ts";

/** A state in the title block, with where it comes from: `TIME_WAIT (kernel)`. */
async function shown(page: Page, name: "Your socket" | "Server socket"): Promise<string> {
  const cell = page.locator(".status .cell", { has: page.getByText(name) });
  // The state and the source of one moment: both belong to one drawing.
  const [title, state] = await cell.evaluate((element) => [
    element.getAttribute("title") ?? "",
    element.querySelector(".chip")?.textContent ?? "",
  ]);
  return `${state} (${title?.includes("As the kernel") ? "kernel" : "derived"})`;
}

/**
 * Waits until the screen shows these states as the kernel's, and `ss` prints the same.
 * @returns false where a TIME_WAIT that was waited for is over already: a late segment is answered from it,
 *   and the RST that this draws ends it (RFC 1337).
 */
async function agree(page: Page, peer: Talk, yours: TcpState, servers: TcpState): Promise<boolean> {
  // Once both have closed, net no longer knows the addresses.
  const [here, there] = pairs.get(peer) ?? keepPair(peer);
  const isCutShort = () =>
    [yours, servers].includes("TIME_WAIT") &&
    ssState(there, here) === "CLOSED" &&
    ssState(here, there) === "CLOSED";
  await expect
    .poll(async () => ({
      yours: [await shown(page, "Your socket"), ssState(there, here)],
      servers: [await shown(page, "Server socket"), ssState(here, there)],
    }))
    .toEqual({
      yours: [`${yours} (kernel)`, yours],
      servers: [`${servers} (kernel)`, servers],
    })
    .catch((error: unknown) => {
      if (!isCutShort()) throw error;
    });
  return !isCutShort();
}

/** Has conversations until one is not cut short; the next one begins by Enter. */
async function untilWhole(
  { terminal, server, peer }: Conversation,
  have: (peer: Talk) => Promise<boolean>,
): Promise<void> {
  let talking = peer;
  while (!(await have(talking))) {
    await terminal.shows("Press Enter to connect again.");
    await terminal.page.locator(".screen").click();
    await terminal.press("Enter");
    talking = new Talk(await server.accepted());
  }
}

interface End {
  host: string;
  port: number;
}

/** The server's end and the page's, by the server's socket. */
const pairs = new WeakMap<Talk, [here: End, there: End]>();

function keepPair(peer: Talk): [here: End, there: End] {
  const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = peer.socket;
  const pair: [End, End] = [
    { host: localAddress, port: localPort },
    { host: remoteAddress, port: remotePort },
  ];
  pairs.set(peer, pair);
  return pair;
}

test("ESTABLISHED, FIN_WAIT2 and TIME_WAIT on the screen are what ss prints, when we close first", async ({
  page,
}) => {
  await converse(page, (conversation) =>
    untilWhole(conversation, async (peer) => {
      await agree(page, peer, "ESTABLISHED", "ESTABLISHED");
      await page.keyboard.press("Control+d");
      await agree(page, peer, "FIN_WAIT2", "CLOSE_WAIT");
      peer.socket.end();
      if (!(await agree(page, peer, "TIME_WAIT", "CLOSED"))) return false;
      // Linux waits for 60 s; on the screen they are counted down.
      const counted = /^TIME_WAIT\s*[1-6]?\d s$/;
      await expect(new TalkPage(page).status("Your socket")).toHaveText(counted);
      return true;
    }),
  );
});

test("CLOSE_WAIT on the screen is what ss prints, until we hang up too", async ({ page }) => {
  await converse(
    page,
    (conversation) =>
      untilWhole(conversation, async (peer) => {
        await agree(page, peer, "ESTABLISHED", "ESTABLISHED");
        peer.socket.end();
        await agree(page, peer, "CLOSE_WAIT", "FIN_WAIT2");
        await page.getByRole("button", { name: "Close", exact: true }).click();
        return agree(page, peer, "CLOSED", "TIME_WAIT");
      }),
    { hangUpToo: false },
  );
});

test("SYN_SENT on the screen is what ss prints while nobody answers, and the server has no state", async ({
  page,
}) => {
  const hole = await startBlackHole();
  try {
    const others = new Set(ssTalkingTo(hole.port).map(({ port }) => port));
    await TerminalPage.open(page, `tcp://127.0.0.1:${hole.port}`);
    await expect
      .poll(async () => ({
        screen: await shown(page, "Your socket"),
        ss: ssTalkingTo(hole.port).find(({ port }) => !others.has(port))?.state,
      }))
      .toEqual({ screen: "SYN_SENT (kernel)", ss: "SYN_SENT" });
    await expect(new TalkPage(page).status("Server socket")).toHaveText("none");
  } finally {
    await page.close();
    await hole.stop();
  }
});
