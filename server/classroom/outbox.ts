/** What still has to be told over Redis: changed values, changed holds, and messages in their order. */

/** To one stream, with a number that grows by one with each. */
export interface Message {
  readonly stream: string;
  readonly topic: string;
  readonly n: number;
  readonly body: string;
}

/** Begins the topic of what is told now or never. */
export const SHOUT = "!";

/** Messages that wait while nobody can be told: the newest. */
const MAX_KEPT = 256;
/** More than these waiting while everybody can be told: Redis is too slow for us. */
const MAX_WAITING = 5_000;
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;

export class Outbox {
  /** Fields whose newest version is not in Redis yet, as far as is known. */
  readonly values = new Set<string>();
  readonly holds = new Set<string>();
  #messages: Message[] = [];
  #characters = 0;
  readonly #numbers = new Map<string, number>();
  #wake: (() => void) | null = null;

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get isEmpty(): boolean {
    return this.values.size === 0 && this.holds.size === 0 && this.#messages.length === 0;
  }

  get isFlooded(): boolean {
    return this.#messages.length > MAX_WAITING || this.#characters > MAX_WAITING_CHARACTERS;
  }

  change(field: string): void {
    this.values.add(field);
    this.wake();
  }

  hold(field: string): void {
    this.holds.add(field);
    this.wake();
  }

  post(stream: string, topic: string, body: string): void {
    const n = (this.#numbers.get(stream) ?? 0) + 1;
    this.#numbers.set(stream, n);
    this.#messages.push({ stream, topic, n, body });
    this.#characters += body.length;
    this.wake();
  }

  sent(messages: readonly Message[]): void {
    const gone = new Set(messages);
    this.#keep(this.#messages.filter((message) => !gone.has(message)));
  }

  /** The others cannot be told now: what was for that moment is told to nobody later. */
  forgetShouts(): void {
    this.#keep(this.#messages.filter(({ topic }) => !topic.startsWith(SHOUT)));
  }

  /** Nobody can be told: only the newest are kept. */
  trim(): void {
    if (this.#messages.length > MAX_KEPT || this.isFlooded)
      this.#keep(this.#messages.slice(-MAX_KEPT));
  }

  /** Resolves when there is something to tell, or was woken. */
  async filled(): Promise<void> {
    if (this.isEmpty) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }

  #keep(messages: Message[]): void {
    this.#messages = messages;
    this.#characters = messages.reduce((sum, { body }) => sum + body.length, 0);
  }
}
