/** What a teacher reads in the terminal: where students come in, with which code, and the way to the wall. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../server/config.ts";
import { greeting } from "../../server/main-greeting.ts";
import { outsideAddresses } from "../../server/start-addresses.ts";
import { startGateway } from "../support/gateway.ts";
import { ask } from "../support/http.ts";

const WIDE = { columns: 120, colour: false };

async function greeted(flags: string[], terminal: Parameters<typeof greeting>[2] = null) {
  const server = await startGateway(["--class", ...flags]);
  try {
    return { server, text: greeting(loadConfig(["--class", ...flags], {}), server, terminal) };
  } finally {
    await server.close();
  }
}

test("names the class, the address, the code, the teacher's link, and that nothing is kept", async () => {
  const { server, text } = await greeted(["--host", "127.0.0.1", "--class-name", "Room 7"]);
  const { board, teacherSecret } = server.classroom ?? { board: "", teacherSecret: "" };
  expect(text).toContain("Wireside is ready for Room 7. Students open this page:");
  expect(text).toContain(`\n    ${server.url}\n`);
  expect(text).toContain(`\n    ${board}\n`);
  expect(text).toContain(`\n    ${server.url}#t=${teacherSecret}\n`);
  expect(text).toContain("Conversations are not kept: --data DIR keeps them.");
  expect(text).not.toMatch(/[█▀▄]/u);
});

test("says for how long conversations are kept as it was said, and where", async () => {
  const data = mkdtempSync(join(tmpdir(), "wireside-greeting-"));
  try {
    const flags = ["--host", "127.0.0.1", "--keep", "30d", "--data"];
    expect((await greeted([...flags, data])).text).toContain(
      `Conversations are kept in ${data} for 30d.`,
    );
    // npm starts it in the folder of the checkout, whatever folder somebody typed that in.
    const { text } = await greeted([...flags, relative(process.cwd(), data)]);
    expect(text).toContain(`Conversations are kept in ${data} for 30d.`);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test("a machine that is in no network is told so, and not to leave out what nobody gave", async () => {
  const { server } = await greeted(["--host", "127.0.0.1"]);
  const classDoor = { ...server.classDoor, joinUrl: "http://127.0.0.1:8080/#join=ABC" };
  const alone = { ...server, classDoor } as typeof server;
  const text = greeting(loadConfig(["--class"], {}), alone, null);
  expect(text).toContain("This one is in no network: connect it to one, and start again.");
  expect(text).not.toContain("Leave out --host");
});

test("warns where no other machine can open the address, unless another one is given", async () => {
  const warning = "Warning: no other machine can open this address.";
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    expect((await greeted(["--host", host])).text).toContain(warning);
  }
  const known = ["--host", "127.0.0.1", "--public-url", "https://class.test/"];
  expect((await greeted(known)).text).not.toContain(warning);
  const { server, text } = await greeted([]);
  const isReached = !server.classDoor?.joinUrl.startsWith("http://127.0.0.1");
  expect(text.includes(warning)).toBe(!isReached);
});

test("--class listens for other machines, and lets them in by the machine's own addresses", async () => {
  const server = await startGateway(["--class"]);
  try {
    expect(server.openUrls.at(-1)).toBe(server.url);
    for (const url of server.openUrls) expect((await ask(`${url}auth`)).status).toBe(200);
  } finally {
    await server.close();
  }
});

test("--public-url is what students open, and what the gateway is known by", async () => {
  const url = "https://class.test/x/";
  const flags = ["--public-url", url, "--class", "--host", "127.0.0.1", "--base-path", "/x"];
  const server = await startGateway(flags);
  try {
    expect(server.openUrls[0]).toBe(url);
    expect(server.classDoor?.teacherUrl).toMatch(/^https:\/\/class\.test\/x\/#t=/);
    const headers = { host: "class.test" };
    expect((await ask(`${server.url}auth`, { headers })).status).toBe(200);
    expect((await ask(`${server.url}auth`, { headers: { host: "evil.test" } })).status).toBe(403);
  } finally {
    await server.close();
  }
});

test("has a QR code where a terminal is wide enough for it, and none otherwise", async () => {
  const host = ["--host", "127.0.0.1"];
  const { text } = await greeted(host, WIDE);
  const code = text.split("\n").filter((line) => /[█▀▄]/u.test(line));
  expect(code.length).toBeGreaterThan(14);
  expect(new Set(code.map((line) => [...line].length)).size).toBe(1);
  expect((await greeted(host, { ...WIDE, columns: 30 })).text).not.toMatch(/[█▀▄]/u);
});

test("prefers the address of the way out, then private ones, and leaves out networks of this machine alone", () => {
  const at = (address: string, internal = false) => [
    { address, internal, family: "IPv4", netmask: "", mac: "", cidr: null } as const,
  ];
  const interfaces = {
    lo: at("127.0.0.1", true),
    docker0: at("172.17.0.1"),
    "br-1a2b": at("172.18.0.1"),
    eth1: at("203.0.113.7"),
    wlan0: at("192.168.1.20"),
    eth0: at("10.0.0.5"),
    "vEthernet (WSL)": at("172.20.0.1"),
  };
  expect(outsideAddresses(interfaces, "10.0.0.5")).toEqual([
    "10.0.0.5",
    "192.168.1.20",
    "203.0.113.7",
  ]);
  expect(outsideAddresses(interfaces, null)[0]).toBe("192.168.1.20");
  expect(outsideAddresses({ docker0: at("172.17.0.1") }, null)).toEqual(["172.17.0.1"]);
});
