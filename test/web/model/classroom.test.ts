/** The class as a page has it, over a real link to a real gateway: what becomes of a wish when the link breaks. */
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocketClient from "ws";
import { Link } from "../../../web/link.ts";
import { Classroom } from "../../../web/model/classroom.ts";
import { type ClassGateway, startClassGateway } from "../../support/class-gateway.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { linkWhen } from "../../support/wire.ts";

let gateway: ClassGateway;
let way: Cutter;
let link: Link;
let classroom: Classroom;

beforeEach(async () => {
  gateway = await startClassGateway();
  way = await startCutter(Number(new URL(gateway.place.url).port));
  const cookie = await gateway.teacherPass();
  const url = gateway.place.url.replace(/:\d+/, `:${way.port}`);
  const { origin } = gateway;
  // Behind a relay the port differs, and a browser would still name the gateway.
  const headers = { host: new URL(origin).host, cookie };
  const open = (to: string, protocol: string) =>
    new WebSocketClient(to, protocol, { origin, headers }) as unknown as WebSocket;
  link = new Link({ url, open });
  classroom = new Classroom(link);
  link.start();
  await linkWhen(link, ({ status }) => status.phase === "live");
});
afterEach(async () => {
  link.stop();
  await way.close();
  await gateway.close();
});

test("a wish that was not answered when the link broke is not taken for one that never left", async () => {
  way.deaf = true;
  way.unplugged = true;
  const wish = classroom.steer({ do: "lock", on: true });
  await expect.poll(() => gateway.classroom.locked).toBe(true);
  way.cut();
  expect(await wish).toContain("lost before it answered. Look whether it was done");
  expect(link.status.phase).toBe("lost");
  expect(await classroom.steer({ do: "lock", on: false })).toContain("when the link is back");
});

test("nor does it wait for ever where the link stops for good", async () => {
  const wish = classroom.steer({ do: "end" });
  expect(await wish).toContain("lost before it answered");
  expect(link.status).toMatchObject({ phase: "stopped", failure: { code: "CLASS_ENDED" } });
});
