/** Whom the gateway believes about certificates of tls:// targets: the usual authorities, and those of --ca. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";

/** A file of --ca that cannot be used. The message is a sentence for whoever starts the gateway. */
export class TrustError extends Error {
  readonly code = "BAD_CA";
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads the files of --ca.
 * @returns what TLS is to trust; undefined without files: Node's own list, read when it is needed.
 * @throws {TrustError}
 */
export function readTrust(files: readonly string[]): SecureContext | undefined {
  if (files.length === 0) return undefined;
  return createSecureContext({ ca: [...rootCertificates, ...files.flatMap(certificatesIn)] });
}

function certificatesIn(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new TrustError(`The file of --ca cannot be read: ${(error as Error).message}.`);
  }
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw new TrustError(`There is no certificate (PEM) in --ca ${file}.`);
  for (const pem of found) {
    try {
      new X509Certificate(pem);
    } catch (error) {
      throw new TrustError(
        `A certificate in --ca ${file} is damaged: ${(error as Error).message}.`,
      );
    }
  }
  return found;
}
