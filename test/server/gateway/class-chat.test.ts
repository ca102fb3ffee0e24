/** The chat lesson in a class: students are in it under their own names, and nobody else under those. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { FrameType } from "../../../shared/frames.ts";
import {
  type ClassGateway,
  type ClassPerson,
  startClassGateway,
} from "../../support/class-gateway.ts";
import { Redis } from "../../support/redis.ts";
import { closedPort, connectTcp, type Talk } from "../../support/tcp.ts";

let gateway: ClassGateway;
const talks: Talk[] = [];
beforeEach(async () => {
  gateway = await startClassGateway();
});
afterEach(async () => {
  for (const talk of talks.splice(0)) talk.socket.destroy();
  await gateway.close();
});

const heard = ({ page }: ClassPerson, ch: number) =>
  page.answers
    .flatMap((it) => ("frame" in it && it.frame.channel === ch ? [it.frame] : []))
    .filter(({ type }) => type === FrameType.data)
    .map(({ payload }) => `${Buffer.from(payload)}`)
    .join("");

/** A student's page connects to the chat, and has read what makes it wait. */
async function chat(
  student: ClassPerson,
  until: string,
  ch = 1,
  port = gateway.server.lessonPorts.chat,
): Promise<void> {
  await student.page.open(ch, port);
  await expect.poll(() => heard(student, ch)).toContain(until);
}

async function stranger(): Promise<Talk> {
  const talk = await connectTcp(gateway.server.lessonPorts.chat);
  talks.push(talk);
  return talk;
}

test("a student comes in under its name at once, cannot take another, and is told so", async () => {
  const [neo, trinity] = [await gateway.student("Neo"), await gateway.student("Trinity")];
  await chat(neo, "* Welcome, Neo. Nobody else is here yet.\n");
  expect(heard(neo, 1)).not.toContain("Your name?");
  await chat(trinity, "* Welcome, Trinity. 2 are here: you and Neo.\n");
  await expect.poll(() => heard(neo, 1)).toContain("* Trinity came in.\n");
  trinity.page.data(1, 0, "/name Neo 2\n");
  await expect.poll(() => heard(trinity, 1)).toContain("* Here you are Trinity, as in your class.");
  trinity.page.data(1, 12, "Hello\n");
  await expect.poll(() => heard(neo, 1)).toContain("Trinity: Hello\n");
});

test("a second connection of a student has a number", async () => {
  const neo = await gateway.student("Neo");
  await chat(neo, "Welcome, Neo.");
  await chat(neo, "Welcome, Neo 2.", 3);
});

test("a program beside the class has another name than anybody in it, here or not", async () => {
  await gateway.student("Trinity");
  const talk = await stranger();
  await talk.until(() => talk.received.includes("Your name?"));
  talk.send("TRINITY\n");
  await talk.until(() => talk.received.includes("Somebody in the class is called TRINITY."));
  talk.send("Oracle\n");
  await talk.until(() => talk.received.includes("Welcome, Oracle."));
});

test("a student whose name was given away while it slept is called what it is called by then", async () => {
  const [neo, teacher] = [await gateway.student("Neo"), await gateway.teacher()];
  neo.page.cut();
  const left = async () => {
    await teacher.steer({ do: "clear" });
    return gateway.classroom.hasName("Neo");
  };
  await expect.poll(left).toBe(false);
  const other = await gateway.student("Neo");
  const back = await gateway.enter(neo.cookie, neo.resume);
  await back.now(({ student }) => student?.name === "Neo 2");
  await chat(back, "* Welcome, Neo 2.");
  await chat(other, "* Welcome, Neo. 2 are here: you and Neo 2.\n");
  const port = await closedPort();
  const address = `tcp://127.0.0.1:${port}`;
  other.page.say({ type: "listen", ch: 3, address, backlog: 5, atOnce: true });
  await back.now(({ servers }) => servers.length > 0);
  await back.page.open(3, port);
  expect(await other.page.text("accepted")).toMatchObject({ name: "Neo 2" });
});

test("who is here on another gateway of the class is not said to be missing", async () => {
  const neo = await gateway.student("Neo");
  await chat(neo, "* Welcome, Neo.");
  neo.page.data(1, 0, "Anybody?\n");
  await expect.poll(() => heard(neo, 1)).toContain("* Nobody else is here to read that.\n");
  const redis = await Redis.start();
  const flags = ["--redis", redis.url];
  const here = await startClassGateway(flags);
  const there = await startClassGateway(flags);
  try {
    const trinity = await here.student("Trinity");
    const port = ({ server }: ClassGateway) => server.lessonPorts.chat;
    await expect.poll(() => here.classroom.others).toBe(1);
    await chat(
      trinity,
      "* Welcome, Trinity. Nobody else is here yet on this gateway.\n",
      1,
      port(here),
    );
    const morpheus = await there.student("Morpheus");
    await chat(
      morpheus,
      "* Welcome, Morpheus. Nobody else is here yet on this gateway.\n",
      1,
      port(there),
    );
    await expect.poll(() => heard(trinity, 1)).toContain("* Morpheus came in.\n");
    trinity.page.data(1, 0, "/who\n");
    await expect.poll(() => heard(trinity, 1)).toContain("* You are alone on this gateway.\n");
    trinity.page.data(1, 5, "Hello\n");
    await expect.poll(() => heard(morpheus, 1)).toContain("Trinity: Hello\n");
    expect(heard(trinity, 1)).not.toContain("to read that");
  } finally {
    await there.close();
    await here.close();
    await redis.close();
  }
});
