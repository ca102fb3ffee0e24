/** Certificates made anew for each test, so that no key lies in the repository: self-signed, or of an authority. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";

/** DER (X.690): tag, length, content. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const bits = (bytes: Uint8Array) => der(0x03, Buffer.from([0]), bytes);
const utcTime = (date: Date) =>
  der(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const SUBJECT_ALT_NAME = oid("551d11");
const BASIC_CONSTRAINTS = oid("551d13");
const TRUE = der(0x01, Buffer.from([0xff]));
const HOUR_MS = 3_600_000;

export interface Pem {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  /** Common name. */
  name?: string;
  /** Host names and IPv4 addresses it is good for. */
  hosts?: string[];
  /** Hours from now; by default from an hour ago for two hours. */
  fromHours?: number;
  toHours?: number;
}

interface Signer {
  name: Uint8Array;
  key: KeyObject;
}

let serial = 1;

function commonName(text: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text)))));
}

/** GeneralName (RFC 5280 section 4.2.1.6): 2 is a host name, 7 an address. */
function generalName(host: string): Buffer {
  if (isIP(host) === 4) return der(0x87, Buffer.from(host.split(".").map(Number)));
  return der(0x82, Buffer.from(host));
}

/** A certificate (RFC 5280 section 4.1) with an ECDSA key, signed by `signer` or by itself. */
function issue(options: CertificateOptions, signer: Signer | null, isAuthority: boolean) {
  const { name = "wireside test", hosts = ["127.0.0.1"], fromHours = -1, toHours = 1 } = options;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = commonName(name);
  const time = (hours: number) => utcTime(new Date(Date.now() + hours * HOUR_MS));
  const extension = isAuthority
    ? sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE)))
    : sequence(SUBJECT_ALT_NAME, der(0x04, sequence(...hosts.map(generalName))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial++ & 0x7f])),
    ECDSA_WITH_SHA256,
    signer?.name ?? subject,
    sequence(time(fromHours), time(toHours)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const signature = sign("sha256", body, signer?.key ?? privateKey);
  const whole = sequence(body, ECDSA_WITH_SHA256, bits(signature));
  const lines = whole.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  const pem: Pem = {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
  return { pem, signer: { name: subject, key: privateKey } };
}

/** PEM texts of a certificate that signed itself; by default for 127.0.0.1. */
export function makeCertificate(options: CertificateOptions = {}): Pem {
  return issue(options, null, false).pem;
}

export interface Authority {
  /** PEM: what `--ca` takes. */
  cert: string;
  issue(options?: CertificateOptions): Pem;
}

/** An authority of one's own. */
export function makeAuthority(name = "Wireside test authority"): Authority {
  const { pem, signer } = issue({ name }, null, true);
  return { cert: pem.cert, issue: (options = {}) => issue(options, signer, false).pem };
}
