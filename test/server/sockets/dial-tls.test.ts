/** TLS to a target: what is checked, what is shown, and each way it fails, in the words Python has for it. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { type DialError, type DialOptions, dial } from "../../../server/sockets/dial.ts";
import { createPolicy } from "../../../server/sockets/policy.ts";
import { readTrust, TrustError } from "../../../server/sockets/trust.ts";
import { explain } from "../../../shared/errors.ts";
import type { Certificate } from "../../../shared/protocol.ts";
import { makeAuthority, makeCertificate, type Pem } from "../../support/certificate.ts";

const directory = mkdtempSync(join(tmpdir(), "wireside-"));
const authority = makeAuthority();
const ca = join(directory, "ca.pem");
writeFileSync(ca, authority.cert);

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function port(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.push(socket.on("error", () => {})));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const tlsPort = (pem: Pem, options: TlsOptions = {}) =>
  port(createTlsServer({ ...pem, ...options, allowHalfOpen: true } as TlsOptions));

/** Dials `host`, which leads to loopback whatever it is called. */
async function connect(portNumber: number, host = "127.0.0.1", options: Partial<DialOptions> = {}) {
  const shown: Certificate[] = [];
  const policy = createPolicy({
    allow: [],
    deny: [],
    loopbackAllowed: true,
    ownEndpoints: () => [],
    lessonEndpoints: () => [],
  });
  const socket = await dial(
    { scheme: "tls", host, port: portNumber },
    {
      policy,
      timeoutMs: 5000,
      trust: readTrust([ca]),
      resolve: async () => ["127.0.0.1"],
      onTls: (certificate) => shown.push(certificate),
      ...options,
    },
  ).catch((error: DialError) => error);
  if (!(socket instanceof Error)) sockets.push(socket);
  return { socket, shown };
}

/** The name of the exception and what it says, of Python's own client at the same server. */
async function pythonSays(portNumber: number, host: string): Promise<string> {
  const script = `
import socket, ssl, sys
port, host, ca = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context()
context.load_verify_locations(ca)
try:
    context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=host)
except OSError as error:
    print(f"{type(error).__module__}.{type(error).__qualname__}: {error.args[-1]}")`;
  const run = promisify(execFile);
  const { stdout } = await run("python3", ["-c", script, `${portNumber}`, host, ca]);
  // The place in the C source that it ends with is another in each version.
  return stdout.trim().replace(/ \(_ssl\.c:\d+\)$/, "");
}

describe("TLS to a target", () => {
  it.each([
    ["127.0.0.1", ["127.0.0.1"]],
    ["far.test", ["far.test"]],
  ])("of %s is trusted through --ca, and shows its certificate", async (host, hosts) => {
    const pem = authority.issue({ name: "far end", hosts, toHours: 48 });
    const { socket, shown } = await connect(await tlsPort(pem), host);
    expect(socket).not.toBeInstanceOf(Error);
    const [certificate] = shown;
    expect(shown).toHaveLength(1);
    expect(certificate).toMatchObject({
      protocol: "TLSv1.3",
      cipher: expect.stringMatching(/^TLS_/),
      subject: "far end",
      issuer: "Wireside test authority",
      altNames: [host === "far.test" ? "DNS:far.test" : "IP Address:127.0.0.1"],
      fingerprint256: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      trusted: true,
    });
    const hours = (Date.parse(certificate?.validTo ?? "") - Date.now()) / 3_600_000;
    expect(hours).toBeCloseTo(48, 1);
  });

  it("tells the server the name it was asked for, never a number, and offers no ALPN", async () => {
    const pem = authority.issue({ hosts: ["far.test", "127.0.0.1"] });
    const server = createTlsServer({ ...pem, ALPNProtocols: ["http/1.1"] });
    const number = await port(server);
    for (const host of ["far.test", "127.0.0.1"]) {
      const accepted = once(server, "secureConnection");
      await connect(number, host);
      const [far] = (await accepted) as [TLSSocket & { servername: string | false }];
      expect(far.servername).toBe(host === "far.test" ? host : false);
      expect(far.alpnProtocol).toBe(false);
    }
  });

  const cases: [string, () => Pem, string, string][] = [
    ["signed itself", () => makeCertificate(), "127.0.0.1", "TLS_SELF_SIGNED"],
    [
      "was signed by a stranger",
      () => makeAuthority("Stranger").issue(),
      "127.0.0.1",
      "TLS_UNKNOWN_ISSUER",
    ],
    ["is over", () => authority.issue({ fromHours: -48, toHours: -1 }), "127.0.0.1", "TLS_EXPIRED"],
    [
      "begins later",
      () => authority.issue({ fromHours: 24, toHours: 48 }),
      "127.0.0.1",
      "TLS_NOT_YET_VALID",
    ],
    [
      "is another host's",
      () => authority.issue({ hosts: ["other.test"] }),
      "far.test",
      "TLS_WRONG_HOST",
    ],
    [
      "is another address's",
      () => authority.issue({ hosts: ["other.test"] }),
      "127.0.0.1",
      "TLS_WRONG_HOST",
    ],
  ];
  it.each(cases)(
    "with a certificate that %s is refused, shown, and called what Python calls it",
    async (_what, make, host, code) => {
      const number = await tlsPort(make());
      const { socket, shown } = await connect(number, host);
      expect(socket).toMatchObject({ code });
      expect(shown).toMatchObject([{ trusted: false, protocol: "TLSv1.3" }]);
      const { detail } = socket as DialError;
      const { headline } = explain((socket as DialError).code, { host, port: number, detail });
      expect(headline).toBe(await pythonSays(number, host));
    },
  );

  it("of a server that does not speak it says so", async () => {
    const number = await port(createServer((socket) => socket.end("220 hello, who are you?\r\n")));
    const { socket, shown } = await connect(number);
    expect(socket).toMatchObject({ code: "TLS_NOT_TLS" });
    expect(shown).toEqual([]);
    const context = { host: "127.0.0.1", port: number, detail: "" };
    expect(explain("TLS_NOT_TLS", context).headline).toBe(await pythonSays(number, "127.0.0.1"));
  });

  it("that the server breaks off with an alert carries OpenSSL's name of it", async () => {
    const old = { maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" } as const;
    const number = await tlsPort(authority.issue(), old);
    const { socket } = await connect(number);
    expect(socket).toMatchObject({ code: "TLS_REFUSED" });
    const context = { host: "127.0.0.1", port: number, detail: (socket as DialError).detail };
    expect(explain("TLS_REFUSED", context).headline).toMatch(
      /^ssl\.SSLError: \[SSL: [A-Z0-9_]*ALERT[A-Z0-9_]*\] [a-z0-9 ]*alert/,
    );
  });

  it("tells a hang-up in the handshake from a reset and from silence", async () => {
    const hangsUp = await port(createServer((socket) => socket.once("data", () => socket.end())));
    expect((await connect(hangsUp)).socket).toMatchObject({ code: "TLS_ENDED" });
    const resets = await port(
      createServer((socket) => socket.once("data", () => socket.resetAndDestroy())),
    );
    expect((await connect(resets)).socket).toMatchObject({ code: "ECONNRESET" });
    const silent = await port(createServer((socket) => socket.resume()));
    const late = await connect(silent, "127.0.0.1", { timeoutMs: 500 });
    expect(late.socket).toMatchObject({ code: "TLS_TIMEOUT", detail: "0.5 s" });
  });

  it("lets go of the connection below when it is cancelled or fails", async () => {
    const server = createServer((socket) => socket.resume());
    const number = await port(server);
    const cancel = new AbortController();
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const dialling = connect(number, "127.0.0.1", { signal: cancel.signal });
    const [far] = await accepted;
    const gone = new Promise((resolve) => far.once("close", resolve));
    cancel.abort();
    expect((await dialling).socket).toMatchObject({ code: "CANCELLED" });
    await gone;
  });
});

describe("--ca", () => {
  it("names a file that is not there, and one without a certificate", () => {
    expect(() => readTrust([join(directory, "none.pem")])).toThrow(TrustError);
    const empty = join(directory, "empty.pem");
    writeFileSync(empty, "no certificate");
    expect(() => readTrust([empty])).toThrow(/no certificate \(PEM\)/);
    const damaged = join(directory, "damaged.pem");
    writeFileSync(damaged, authority.cert.replace(/\n[\w+/]{20}/, "\nAAAAAAAAAAAAAAAAAAAA"));
    expect(() => readTrust([damaged])).toThrow(/is damaged/);
    rmSync(directory, { recursive: true });
  });
});
