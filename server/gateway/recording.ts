/**
 * One channel as a conversation: what its socket does becomes the events that a page makes of what it is
 * told (web/link-channel.ts), and goes to whoever follows.
 */
import { performance } from "node:perf_hooks";
import type { Address } from "../../shared/address.ts";
import { CLOCK_STEPS_PER_SECOND } from "../../shared/bounds.ts";
import {
  type ConversationEvent,
  type LabOptions,
  type Role,
  receives,
  type Side,
  sends,
} from "../../shared/conversation.ts";
import { DatagramNews } from "../../shared/datagram-news.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { farHappening, type Happening } from "../../shared/far-calls.ts";
import type { Certificate, FarCall } from "../../shared/protocol.ts";
import type { KernelSocket } from "../../shared/tcp.ts";
import type { Pair } from "../observe.ts";
import type { DatagramCounts } from "../sockets/datagrams.ts";
import type { ChannelTap } from "./channel.ts";
import { Given, type GivenPiece } from "./given.ts";
import type { Recorded, RecordingFollower } from "./recorder.ts";

/** Where a conversation comes from. */
export interface RecordingSource {
  readonly user: string;
  readonly ch: number;
  /** The session's clock at a moment of performance.now(), in steps of 10 µs. */
  clockAt(now: number): number;
  /** Of the session alone, besides those who follow its user. */
  readonly own: RecordingFollower | null;
}

/** After these the page concludes states anew, so what the kernel says counts as not said. */
const CONCLUDES: ReadonlySet<ConversationEvent["kind"]> = new Set([
  "attempt",
  "open",
  "eof",
  "reset",
  "error",
  "closed",
] as const);

export class Recording implements Recorded, ChannelTap {
  readonly key: string;
  readonly user: string;
  readonly ch: number;
  readonly startedAt: number;
  readonly role: Role;
  readonly address: Address;
  /** The session's clock at the first event. */
  readonly began: number;
  /** Whether somebody wants the kernel asked may be another now. */
  onLooks: (() => void) | null = null;
  /** An end of it was told: what the kernel says is to be said again. */
  onEnd: (() => void) | null = null;
  readonly #source: RecordingSource;
  #followers: readonly RecordingFollower[];
  readonly #ended: () => void;
  #life: "opening" | "open" | "over" = "opening";
  #isDone = false;
  #isLost = false;
  #pair: Pair | null = null;
  #lastAt = 0;
  /** Offset of the next byte that the kernel takes. */
  #sent = 0;
  readonly #given = new Given();
  /** Which ends of it have ended their direction, in that order. */
  readonly #ends: ("near" | "far")[] = [];
  /** The page has given it up. */
  #aborted = false;
  #options: LabOptions = { noDelay: false, reading: true, delayMs: 0, pauseMs: 0 };
  /** What the TLS handshake showed, until it is told. */
  #certificate: Certificate | null = null;
  readonly #datagrams = new DatagramNews();
  #kernel: Record<Side, string> = { near: "", far: "" };

  /**
   * @param arrivedAt of a visitor, when it came to the door: performance.now() of this process.
   * @param ended nothing more will be told.
   */
  constructor(
    key: string,
    source: RecordingSource,
    { role, address, arrivedAt }: { role: Role; address: Address; arrivedAt?: number },
    followers: readonly RecordingFollower[],
    ended: () => void,
  ) {
    const now = performance.now();
    const began = arrivedAt ?? now;
    this.key = key;
    this.user = source.user;
    this.ch = source.ch;
    this.role = role;
    this.address = address;
    this.startedAt = Math.round(Date.now() - (now - began));
    this.began = source.clockAt(began);
    this.#source = source;
    this.#followers = followers;
    this.#ended = ended;
    for (const follower of followers) follower.began(this);
  }

  get looks(): boolean {
    return this.#followers.some(({ looks }) => looks === true);
  }

  /** Bytes of the page that the kernel has taken. */
  get sent(): number {
    return this.#sent;
  }

  /** The kernel has taken the page's FIN. */
  get hasEnded(): boolean {
    return this.#ends.includes("near");
  }

  /** What the page has sent and the kernel has not taken, send by send. */
  get waiting(): GivenPiece[] {
    return this.#given.pieces;
  }

  looksChanged(): void {
    this.onLooks?.();
  }

  /** That one follows no longer. */
  forget(follower: RecordingFollower): void {
    this.#followers = this.#followers.filter((each) => each !== follower);
    this.looksChanged();
  }

  dialled(address: Address): void {
    this.#emit({ kind: "opening", address }, this.began);
  }

  arrived({ local, remote }: Pair, transport: "tcp" | "udp"): void {
    const over = transport === "udp" ? { transport } : {};
    this.#emit({ kind: "arrival", local, remote, ...over }, this.began);
    this.opened({ local, remote });
  }

  attempted({ local, remote }: Pair): void {
    if (this.#life !== "opening" || local.port === 0) return;
    if (local.port === this.#pair?.local.port) return;
    this.#pair = { local, remote };
    this.#emit({ kind: "attempt", local, remote });
  }

  opened({ local, remote }: Pair): void {
    if (this.#life !== "opening") return;
    this.#life = "open";
    this.#pair = { local, remote };
    this.#emit({ kind: "open", local, remote });
    this.#tellCertificate();
  }

  shown(certificate: Certificate): void {
    this.#certificate = certificate;
  }

  counted(counts: DatagramCounts): void {
    for (const news of this.#datagrams.since(counts)) this.#emit(news);
  }

  read(bytes: Uint8Array, offset: number): void {
    const direction = receives(this.role);
    this.#emit({ kind: "data", direction, offset, length: bytes.length, bytes });
  }

  given(bytes: Uint8Array): void {
    if (this.#life !== "over") this.#given.push(bytes);
  }

  taken(length: number): void {
    if (this.#life === "over") return;
    for (const { bytes, calls } of this.#given.take(length)) {
      const together = calls > 1 ? { calls } : {};
      const of = { direction: sends(this.role), offset: this.#sent, length: bytes.length };
      this.#emit({ kind: "data", ...of, bytes, ...together });
      this.#sent += bytes.length;
    }
  }

  /** The far end's FIN was read, or the kernel has taken that of the page. */
  ended(side: "near" | "far"): void {
    if (this.#life === "over") return;
    this.#ends.push(side);
    // The page's end only lets a datagram socket go; nobody hears of it.
    if (this.address.scheme === "udp") return;
    const direction = side === "near" ? sends(this.role) : receives(this.role);
    this.#emit({ kind: "eof", direction });
    const [first, second] = this.#ends;
    if (first && second) this.#end({ kind: "closed", by: first });
  }

  configured(options: LabOptions): void {
    if (this.#life === "over") return;
    const changed = Object.entries(options).filter(
      ([name, value]) => this.#options[name as keyof LabOptions] !== value,
    );
    this.#options = options;
    if (changed.length > 0) this.#emit({ kind: "option", options: Object.fromEntries(changed) });
  }

  aborted(): void {
    if (this.#life === "over") return;
    this.#aborted = true;
    const given = { code: "CANCELLED", detail: "" } as const;
    if (this.#life === "open" && this.address.scheme === "udp")
      this.#end({ kind: "closed", by: "near" });
    else if (this.#life === "open")
      this.#end({ kind: "reset", direction: sends(this.role), ...given });
    else this.#end({ kind: "error", ...given });
  }

  failed(code: FailureCode, detail: string): void {
    if (this.#life === "over") return;
    this.#tellCertificate();
    const byPeer = code === "ECONNRESET" || code === "EPIPE";
    if (code === "CLOSED") this.#end({ kind: "closed", by: "near" });
    else if (this.#life === "open" && byPeer)
      this.#end({ kind: "reset", direction: receives(this.role), code, detail });
    else this.#end({ kind: "error", code, detail });
  }

  /** Nobody owns it any more, and the gateway has called close(2). */
  letGo(): void {
    if (this.#life === "over") return;
    if (this.#life === "open") this.#end({ kind: "closed", by: "near" });
    else this.#end({ kind: "error", code: "CANCELLED", detail: "" });
  }

  /** The page was lost, or is back. */
  link(link: "lost" | "resumed"): void {
    const isLost = link === "lost";
    if (this.#life !== "open" || this.#isLost === isLost) return;
    this.#isLost = isLost;
    this.#emit({ kind: "state", link });
  }

  /** A call of the program at the far end. */
  far(call: FarCall): void {
    this.#emit(farHappening(call, this.role, this.#pair), call.at, "far");
  }

  /** The kernel's word; said twice, it is told once. @param at the session's clock. */
  kernel(seen: { near?: KernelSocket; far?: KernelSocket }, at: number): void {
    for (const side of ["near", "far"] as const) {
      const socket = seen[side];
      if (!socket || (this.#aborted && socket.state !== "CLOSED")) continue;
      const said = JSON.stringify(socket);
      if (said === this.#kernel[side]) continue;
      this.#kernel[side] = said;
      this.#emit({ kind: "kernel", socket }, at, side);
    }
  }

  /** Nothing more can be seen of it. */
  over(): void {
    if (this.#isDone) return;
    this.letGo();
    this.#isDone = true;
    this.onLooks = this.onEnd = null;
    for (const follower of this.#followers) follower.over(this);
    this.#followers = [];
    this.#ended();
  }

  #tellCertificate(): void {
    const shown = this.#certificate;
    this.#certificate = null;
    if (shown) this.#emit({ kind: "tls", ...shown });
  }

  #end(happening: Happening): void {
    this.#life = "over";
    this.#given.clear();
    this.#emit(happening);
  }

  /** @param at the session's clock. */
  #emit(
    happening: Happening,
    at: number = this.#source.clockAt(performance.now()),
    side: Side = "near",
  ): void {
    const seconds = Math.max(0, at - this.began) / CLOCK_STEPS_PER_SECOND;
    this.#lastAt = Math.max(this.#lastAt, seconds);
    const event = { ...happening, at: this.#lastAt, side } as ConversationEvent;
    for (const follower of this.#followers) follower.event(this, event);
    if (side === "far" || !CONCLUDES.has(event.kind)) return;
    this.#kernel = { near: "", far: "" };
    this.onEnd?.();
  }
}
