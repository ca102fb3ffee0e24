/** The listening server in front of everything: who is one connection too many, with and without TLS. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../server/config.ts";
import { type Front, openFront } from "../../server/front.ts";
import { createLog } from "../../server/log.ts";
import { makeCertificate } from "../support/certificate.ts";
import { eventually } from "../support/eventually.ts";
import { type Answer, ask } from "../support/http.ts";

const LIMIT = 2;
const { cert, key } = makeCertificate();
let folder = "";
let front: Front;
let silent: Socket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wireside-front-"));
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "key.pem"), key);
  silent = [];
});
afterEach(async () => {
  for (const socket of silent) socket.destroy();
  await front.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(flags: string[] = []): Promise<void> {
  const config = loadConfig(["--port", "0", ...flags], {});
  front = await openFront(config, LIMIT, createLog({ level: "silent", format: "json" }));
  front.serve(
    (_request, response) => response.end("served"),
    (_request, socket) => socket.destroy(),
  );
}

const openTls = () =>
  open(["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")]);

/** A connection that says nothing, so under TLS has no handshake. */
async function sayNothing(): Promise<Socket> {
  const socket = connect(front.bound.port, "127.0.0.1");
  silent.push(socket);
  await once(socket, "connect");
  return socket;
}

const get = (scheme: string): Promise<Answer> =>
  ask(`${scheme}://127.0.0.1:${front.bound.port}/`, { ca: cert });

describe("a connection beyond the limit", () => {
  test("is cut under TLS, also when those before it never finish their handshake", async () => {
    await openTls();
    for (let i = 0; i < LIMIT; i++) await sayNothing();
    await expect(get("https")).rejects.toThrow(/ECONNRESET|socket (?:hang up|disconnected)/);
    for (const socket of silent) socket.destroy();
    // The server hears of each hang-up in its own time.
    const outcome = () => get("https").then(({ body }) => body, String);
    await eventually(outcome, (said) => said === "served");
  });

  test("is none when those before it were served over TLS and have gone", async () => {
    await openTls();
    for (let i = 0; i < 3 * LIMIT; i++) {
      const outcome = () => get("https").then(({ body }) => body, String);
      await eventually(outcome, (said) => said === "served");
    }
  });

  test("is told 503 without TLS", async () => {
    await open();
    for (let i = 0; i < LIMIT; i++) await sayNothing();
    const { status, headers } = await get("http");
    expect([status, headers["retry-after"]]).toEqual([503, "1"]);
  });
});
