/** The lesson of 45 minutes of docs/teaching.md, done as it is written, by a teacher and two students. */
import { expect, test } from "@playwright/test";
import { blocksOf, readDocument } from "../support/documents.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { Room } from "../support/plan-page.ts";
import { planOf, readPlan, readPlanSteps } from "../support/plan-steps.ts";

const teaching = readDocument("docs/teaching.md");

// Four pages and a hundred sentences: on a machine that is busy elsewhere each takes its time.
test.describe.configure({ timeout: 300_000 });

/** What the document says to write after `npm start --`: the class is as open here as a teacher's. */
function flags(): string[] {
  const [, written = ""] =
    /^npm start -- (.*)$/m.exec(blocksOf(planOf(teaching), "sh")[0] ?? "") ?? [];
  return written.split(" ").map((flag) => flag.replaceAll('"', ""));
}

test("the lesson of 45 minutes goes as docs/teaching.md says, step by step", async ({
  browser,
}) => {
  const gateway = await startGatewayProcess([...flags(), "--shutdown-timeout", "1s"]);
  const room = await Room.open(browser, gateway);
  try {
    for (const { name, steps } of readPlan(teaching)) {
      await test.step(name, async () => {
        for (const step of steps) {
          await test.step(JSON.stringify(step), () => room.follow(step));
        }
      });
    }
  } finally {
    await room.close();
    await gateway.stop();
  }
});

test("a step that says something else than what is to be seen fails", async ({ browser }) => {
  const gateway = await startGatewayProcess([...flags(), "--shutdown-timeout", "1s"]);
  const room = await Room.open(browser, gateway);
  try {
    const [joining] = readPlan(teaching);
    for (const step of joining?.steps ?? []) await room.follow(step);
    for (const wrong of [
      "On Trinity's page, the terminal shows `rejected`.",
      "On Trinity's page, your socket is `CLOSE_WAIT`.",
      "On Trinity's page, the ladder shows `recv 12 B`.",
      "On Trinity's page, the page explains `Nobody is at table 9.`",
      "On the teacher's page, **joined** is `3`.",
      "On the teacher's page, Morpheus's row shows `refused`.",
      "On the teacher's page, the large ladder shows `recv 12 B`.",
      "On the second screen, the page says `The class is over.`",
    ]) {
      const [step] = readPlanSteps(`1. ${wrong}`);
      if (!step) throw new Error("no step was read");
      await expect(room.follow(step, 300), wrong).rejects.toThrow(/expect/);
    }
  } finally {
    await room.close();
    await gateway.stop();
  }
});
