/** What only some kinds of sockets have: the flags they need, and what the page is told of TLS. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { loadConfig } from "../../../server/config.ts";
import { StartError, startServer } from "../../../server/start.ts";
import type { Link } from "../../../web/link.ts";
import { makeAuthority } from "../../support/certificate.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { type FarServer, listenStream } from "../../support/streams.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

let far: FarServer;
let wire: Wire;
let cutter: Cutter;
let link: Link;

afterEach(async () => {
  link?.stop();
  await cutter?.close();
  await wire?.stop();
  await far?.close();
});

async function talkTo(flags: string[]): Promise<Talker> {
  wire = await startWire(flags);
  cutter = await startCutter(wire.port);
  link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
  const talker = new Talker(link, far.address);
  await talker.when((t) => t.ended || t.of("open").length === 1);
  return talker;
}

it("reaches a Unix socket where --allow-unix names its directory", async () => {
  far = await listenStream("unix");
  const talker = await talkTo(["--allow-unix", dirname(far.address.host)]);
  expect(talker.of("open")).toMatchObject([{ remote: { host: far.address.host, port: 0 } }]);
});

it("reaches no Unix socket without the flag, and says which one it would take", async () => {
  far = await listenStream("unix");
  let accepted = 0;
  void far.accepted().then(() => accepted++);
  const talker = await talkTo([]);
  const [error] = talker.of("error");
  expect(error?.code).toBe("NOT_ALLOWED");
  expect(error?.detail).toContain(`--allow-unix ${dirname(far.address.host)}`);
  expect(accepted).toBe(0);
});

it("trusts an authority named by --ca, and tells the page the certificate once", async () => {
  far = await listenStream("tls");
  const [, ca = ""] = far.flags;
  const talker = await talkTo(["--ca", ca]);
  const [tls] = talker.of("tls");
  expect(tls).toMatchObject({
    protocol: "TLSv1.3",
    subject: "wireside test",
    issuer: "Wireside test authority",
    altNames: ["IP Address:127.0.0.1", "DNS:localhost"],
    trusted: true,
  });
  expect(talker.events.map(({ kind }) => kind)).toEqual(["opening", "attempt", "open", "tls"]);
  cutter.cut();
  await linkWhen(link, ({ status }) => status.phase === "live" && status.resumes === 1);
  talker.send("after the cut");
  await talker.when((t) => t.of("data").length === 1);
  expect(talker.of("tls")).toHaveLength(1);
});

it("shows the certificate it does not trust, says why, and sends nothing inside TLS", async () => {
  far = await listenStream("tls");
  const talker = await talkTo([]);
  await talker.when((t) => t.ended);
  expect(talker.of("tls")).toMatchObject([{ issuer: "Wireside test authority", trusted: false }]);
  expect(talker.of("error")).toMatchObject([{ code: "TLS_UNKNOWN_ISSUER" }]);
  expect(talker.events.map(({ kind }) => kind)).toEqual(["opening", "attempt", "tls", "error"]);
});

it("does not start with a --ca that cannot be used, and names it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wireside-"));
  const file = join(directory, "ca.pem");
  writeFileSync(file, makeAuthority().cert.replace("CERTIFICATE", "NOTHING"));
  for (const ca of [file, join(directory, "none.pem")]) {
    const config = loadConfig(["--port", "0", "--log-level", "silent", "--ca", ca], {});
    await expect(startServer(config, { webRoot: directory })).rejects.toThrow(StartError);
    await expect(startServer(config, { webRoot: directory })).rejects.toThrow(/--ca/);
  }
  rmSync(directory, { recursive: true });
});
