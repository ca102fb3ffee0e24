/** One listening socket at the gateway, seen from the page: its door, and whom it has accepted. */
import { type Address, formatAddress } from "../shared/address.ts";
import { type FailureCode, failureOfCode } from "../shared/errors.ts";
import type { Accepted, Door, GatewayMessage, Holder, PageMessage } from "../shared/protocol.ts";
import type {
  Guest,
  Listener,
  ListenFollower,
  ListenOptions,
  StartChannel,
} from "./model/carrier.ts";

type ListeningMessage = Extract<GatewayMessage, { type: "listening" }>;

export const guestOf = ({ n, local, remote, name, fd, transport }: Accepted): Guest => ({
  ...{ n, local, remote, name, fd },
  transport: transport ?? "tcp",
});

/** What a listener needs of the link that carries it. */
export interface ListenerHost {
  /** False when there is no WebSocket now; after the resume it is asked for again. */
  sendMessage(message: PageMessage): boolean;
  /** performance.now() of the page at a moment of the gateway's session clock. */
  timeOf(at: number): number;
  /** It listens no longer. */
  stopped(listener: LinkListener): void;
}

/** `new`: the gateway has not heard of it. `ending`: asked to stop, not confirmed yet. */
type Life = "new" | "asked" | "listening" | "ending" | "over";

export class LinkListener implements Listener {
  readonly id: number;
  readonly #address: Address;
  readonly #host: ListenerHost;
  readonly #follow: ListenFollower;
  #options: ListenOptions;
  #life: Life = "new";
  /** How many were asked to be accepted by hand. */
  #byHand = 0;

  constructor(
    id: number,
    address: Address,
    options: ListenOptions,
    host: ListenerHost,
    follow: ListenFollower,
  ) {
    this.id = id;
    this.#address = address;
    this.#options = options;
    this.#host = host;
    this.#follow = follow;
  }

  /** True once the gateway may know of it, and the page still wants it. */
  get isWanted(): boolean {
    return this.#life === "asked" || this.#life === "listening";
  }

  /** It listens already, for an earlier load of this page. @param byHand as the gateway says. */
  adopt(byHand: number): void {
    this.#life = "listening";
    this.#byHand = byHand;
  }

  /** Asks the gateway to listen; asking again changes at most backlog and way of accepting. */
  announce(): void {
    if (this.#life === "ending" || this.#life === "over") return;
    const address = formatAddress(this.#address);
    const sent = this.#host.sendMessage({ type: "listen", ch: this.id, address, ...this.#options });
    if (sent && this.#life === "new") this.#life = "asked";
  }

  configure(options: ListenOptions): void {
    this.#options = options;
    this.announce();
  }

  accept(): void {
    if (this.#life !== "listening") return;
    this.#byHand++;
    this.#sayAccept();
  }

  stop(): void {
    if (this.#life === "over" || this.#life === "ending") return;
    const known = this.#life !== "new";
    this.#life = "ending";
    // Without a WebSocket the resume will not name this listener, and the gateway closes it.
    if (!known || !this.#host.sendMessage({ type: "close", ch: this.id })) this.#over(null);
  }

  listening({ local, backlog, atOnce }: ListeningMessage): void {
    if (this.#life === "ending" || this.#life === "over") return;
    this.#life = "listening";
    this.#follow.listening(local, { backlog, atOnce });
  }

  door({ waiting, refused, left, accepted, blocked }: Door): void {
    if (this.#life !== "listening") return;
    const visitors = waiting.map(({ at, ...visitor }) => ({
      ...visitor,
      since: this.#host.timeOf(at),
    }));
    this.#follow.door({
      waiting: visitors,
      refused,
      left,
      accepted,
      blocked: blocked ? { code: failureOfCode(blocked.code), detail: blocked.detail } : null,
    });
  }

  accepted(message: Accepted, start: StartChannel): void {
    this.#follow.accepted(guestOf(message), start);
  }

  /** A new WebSocket, and the gateway still listens. */
  resumed(): void {
    this.announce();
    if (this.#byHand > 0) this.#sayAccept();
  }

  /** The gateway does not know it (any more). */
  unknown(): void {
    if (this.#life === "new" || this.#life === "asked") return this.announce();
    // It was asked to stop, and has: that it did is what got lost.
    if (this.#life === "ending") return this.#over(null);
    this.fail("SESSION_ENDED", "it no longer listens for this page");
  }

  /** It could not listen, or does not any more. */
  fail(code: FailureCode, detail: string, holders: readonly Holder[] = []): void {
    this.#over({ code, detail, holders });
  }

  /** The gateway says that the socket is closed. */
  closed(): void {
    this.#over(null);
  }

  #sayAccept(): void {
    this.#host.sendMessage({ type: "accept", ch: this.id, count: this.#byHand });
  }

  #over(failure: Parameters<ListenFollower["over"]>[0]): void {
    if (this.#life === "over") return;
    this.#life = "over";
    this.#host.stopped(this);
    this.#follow.over(failure);
  }
}
