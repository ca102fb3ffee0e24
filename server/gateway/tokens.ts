/** The secrets of one session: who shows the right one may have it back. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

const hash = (token: string): Buffer => createHash("sha256").update(token).digest();

export class Tokens {
  /** Raised by each attach. */
  epoch = 0;
  #token: Buffer = hash(newSecret());
  /** Valid until the first frame of the new epoch, or a lost `welcome` would strand the page. */
  #previous: Buffer | null = null;

  /** Why this token of that epoch is not good; null when it is. */
  refuse(token: string, epoch: number): "superseded" | "auth" | null {
    const given = hash(token);
    const isGood = [this.#token, this.#previous].some((one) => one && timingSafeEqual(given, one));
    if (isGood) return null;
    return epoch < this.epoch ? "superseded" : "auth";
  }

  /**
   * Begins an epoch.
   * @param used the token the page came back with. It stays good, not the one given last: that one may
   *   be lost with its welcome.
   * @returns the new token.
   */
  next(used: string | undefined): string {
    const token = newSecret();
    this.epoch++;
    this.#previous = used === undefined ? null : hash(used);
    this.#token = hash(token);
    return token;
  }

  /** The first frame of an epoch proves that its `welcome` arrived. */
  proved(): void {
    this.#previous = null;
  }
}
