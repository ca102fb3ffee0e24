/** A visit to a page that was the server, opened again in Talk: every view tells it from the server's end. */
import { readFile } from "node:fs/promises";
import { writeJsonl } from "../../web/model/recording/jsonl.ts";
import { expect, test } from "../support/fixtures.ts";
import { RecordingPage } from "../support/recording-page.ts";
import { served } from "../support/served.ts";

test.use({ reducedMotion: "reduce" } as object);

test("a served conversation replays in Talk as the server's, and saves the same again", async ({
  page,
}, info) => {
  await page.setViewportSize({ width: 1440, height: 1400 });
  const recording = new RecordingPage(page);
  await recording.talk.open();
  const file = [...writeJsonl(served)].join("");
  await recording.drop({ "visit.jsonl": file });
  // Also before anything has happened it is not the client's.
  await expect(page.getByText("The client", { exact: true })).toBeVisible();
  await recording.toEnd();
  await expect
    .poll(() => recording.rows())
    .toEqual([
      "Accepted connection from 127.0.0.1:51402",
      "Received: Wake up, Neo",
      "Answer: accepted",
      "Answer: acc",
      "Answer: epted",
      "Received: The Matrix has you",
      "Received: Is anybody there?",
      "Answer: accepted",
      "The client hung up.",
      "Answer: closed",
      "Connection to client closed",
    ]);
  await expect(page.locator(".mark-out")).toHaveText(["12 B", "19 B", "17 B", "FIN"]);
  await expect(page.locator(".mark-in")).toHaveText(["8 B", "3 B", "5 B", "8 B", "6 B", "FIN"]);

  const ladder = await recording.ladder();
  expect(ladder).toContainEqual(expect.stringContaining("accepted 127.0.0.1:51402 at"));
  expect(ladder).toContainEqual(expect.stringContaining("the client ended its direction (FIN)"));
  expect(await recording.bytes("Wake up, Neo")).toContain("how the client sent them");
  const place = async (text: string) =>
    (await page.locator(".ladder-head").getByText(text).boundingBox())?.x ?? Number.NaN;
  expect(await place("client socket")).toBeLessThan(await place("server, your socket"));
  await expect.poll(async () => (await recording.list()).join("\n")).toContain("reading stopped");

  const status = page.locator(".status .cell");
  for (const [at, text] of ["Your socket", "Client socket", "In", "Out"].entries()) {
    await expect(status.nth(at)).toHaveText(new RegExp(`^${text}`));
  }
  await expect(page.getByRole("form", { name: "Address" })).toContainText("the client closed");

  const { path } = await recording.save(/^Recording/, info);
  expect(await readFile(path, "utf8")).toBe(file);
});
