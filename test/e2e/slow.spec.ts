/** A page on a slow machine: the server has long gone, and still every byte arrives, and then the end. */
import { nearCalls, showList, told } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { lines, pour } from "../support/flood.ts";
import { BOTH_HUNG_UP, TalkPage } from "../support/talk-page.ts";
import { listenTcp } from "../support/tcp.ts";

const MIB = 1024 * 1024;
/** Times slower than this machine. */
const SLOWER = 6;

test("a server that sends 1 MiB and closed, and hangs up, is heard to its last word", async ({
  page,
}) => {
  test.slow();
  const server = await listenTcp();
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  const client = await page.context().newCDPSession(page);
  await client.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const socket = await server.accepted();
  const flood = lines(MIB);
  await pour(socket, flood);
  socket.end("closed");
  await talk.shows(`${flood.lastLine}closed`, { timeout: 90_000 });
  await talk.shows(BOTH_HUNG_UP);
  await expect(talk.status("In")).toHaveText("1.00 MiB");
  await showList(page);
  // As in the terminal, either end may have been the first.
  const ends = ["the server ended its direction (FIN)", "you ended your direction (FIN)"];
  const last = async () => (await told(nearCalls(page))).slice(-3);
  await expect.poll(async () => (await last()).slice(0, 2).sort()).toEqual(ends);
  await expect.poll(async () => (await last()).at(-1)).toBe("the connection is closed");
  await server.close();
});
