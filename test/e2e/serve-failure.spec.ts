/** Why nothing listens, as the screen says it: a port that is taken, and one that is not for pages. */
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "../support/fixtures.ts";
import { Program } from "../support/programs.ts";
import { ServePage } from "../support/serve-page.ts";
import { ssWaitsAt } from "../support/ss.ts";
import { freePorts } from "../support/tcp.ts";

/** Without SO_REUSEADDR, and the first to close: its end stays in TIME_WAIT and keeps the port. */
async function leaveInTimeWait(port: number): Promise<void> {
  const python = new Program("python3", [
    "-c",
    `import socket
s = socket.socket()
s.bind(("127.0.0.1", ${port}))
s.listen(1)
print("listening", flush=True)
c, a = s.accept()
c.close()
s.close()`,
  ]);
  await python.prints(/listening\n/);
  const client = connect({ host: "127.0.0.1", port });
  client.resume();
  await once(client, "close");
  await python.ended;
}

test("a port in TIME_WAIT is explained with its row, and another port is one press away", async ({
  page,
}) => {
  const serve = await ServePage.open(page);
  const field = serve.screen.getByRole("textbox", { name: "Address to listen on" });
  const why = serve.screen.getByRole("region", { name: "Why nothing listens" });
  const stop = serve.screen.getByRole("button", { name: "Stop listening" });
  let port = 0;
  for (;;) {
    // The port above it is offered: a client of somebody else's may have one that the kernel gave out.
    port = await freePorts(2);
    await leaveInTimeWait(port);
    await field.fill(`127.0.0.1:${port}`);
    await field.press("Enter");
    await expect(stop.or(why)).toBeVisible();
    if (await why.isVisible()) break;
    // A late segment is answered from TIME_WAIT, and the RST that this draws ends it early (RFC 1337): then
    // the port was free indeed, and another is left so.
    expect(ssWaitsAt(port)).toBe(false);
    await stop.click();
  }
  await expect(why.getByRole("alert")).toContainText(`Port ${port} is taken.`);
  await expect(why.getByRole("alert")).toContainText("its server closed first");
  await expect(why.getByRole("row").nth(1)).toContainText(/TIME_WAIT.*127\.0\.0\.1:\d+.*in \d+ s/);
  await expect(why).toContainText("OSError: [Errno 98] Address already in use");
  await why.getByRole("button", { name: "Listen then" }).click();
  await expect(why.getByRole("button", { name: /^Listens in \d+ s$/ })).toBeVisible();
  await why.getByRole("button", { name: `Listen on ${port + 1}` }).click();
  await expect(stop).toBeVisible();
  await expect(why).toHaveCount(0);
});

test("a port that a lesson server has is told from one that the administrator has", async ({
  page,
  gateway,
}) => {
  const serve = await ServePage.open(page);
  const field = serve.screen.getByRole("textbox", { name: "Address to listen on" });
  const why = serve.screen.getByRole("region", { name: "Why nothing listens" });
  await field.fill(`127.0.0.1:${gateway.lessonPort}`);
  await field.press("Enter");
  await expect(why).toContainText("Another program listens on");
  await field.fill("192.0.2.1:9090");
  await field.press("Enter");
  await expect(why.getByRole("heading")).not.toContainText("taken");
  await field.fill("nowhere at all");
  await field.press("Enter");
  await why.getByRole("button", { name: "Edit" }).click();
  await expect(field).toBeFocused();
});
