/** The time there is for one dial, and the error that every way of not connecting ends in. */
import type { FailureCode } from "../../shared/errors.ts";

/** Why a connection was not made. */
export class DialError extends Error {
  readonly code: FailureCode;
  /** Free text for shared/errors.ts: the policy's reason, the time that ran out; may be empty. */
  readonly detail: string;
  /** The address that was dialled last, `127.0.0.1:8000`; absent when none was. */
  readonly address?: string;

  constructor(code: FailureCode, detail: string, address?: string, cause?: unknown) {
    const where = address ? ` ${address}` : "";
    super(`${code}${where}${detail ? `: ${detail}` : ""}`, { cause });
    this.name = "DialError";
    this.code = code;
    this.detail = detail;
    if (address !== undefined) this.address = address;
  }
}

/** `10 s`, `0.25 s`. */
function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toFixed(3))} s`;
}

/** The time there is for one dial, and its end from outside. */
export class Limit {
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: number;
  /** Ends the wait that is under way, if any. */
  #cancel: (() => void) | undefined;
  readonly #onAbort = () => this.#cancel?.();

  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#deadline = performance.now() + timeoutMs;
    signal?.addEventListener("abort", this.#onAbort);
  }

  get remainingMs(): number {
    return this.#deadline - performance.now();
  }

  /** @throws {DialError} CANCELLED, when the signal has been aborted. */
  check(where?: string): void {
    if (this.#signal?.aborted) throw new DialError("CANCELLED", "", where);
  }

  /** Waits for `work`, but no longer than the limit, and no longer than `shareMs`. */
  during<T>(
    work: Promise<T>,
    late: FailureCode,
    where?: string,
    shareMs = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        if (this.#cancel === cancel) this.#cancel = undefined;
        act();
      };
      const fail = (code: FailureCode, detail: string) =>
        settle(() => reject(new DialError(code, detail, where)));
      const cancel = () => fail("CANCELLED", "");
      const waitMs = Math.max(1, Math.min(shareMs, this.remainingMs));
      const timer = setTimeout(() => fail(late, seconds(this.#timeoutMs)), waitMs);
      this.#cancel = cancel;
      work.then(
        (value) => settle(() => resolve(value)),
        (error) => settle(() => reject(error)),
      );
    });
  }

  release(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
