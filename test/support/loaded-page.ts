/** A page without a screen that can be loaded anew: link, desk and a terminal that only acknowledges. */
import type WebSocketClient from "ws";
import type { ConversationEvent } from "../../shared/conversation.ts";
import { Link } from "../../web/link.ts";
import type { Conversation } from "../../web/model/conversation.ts";
import { Desk } from "../../web/model/desk.ts";
import type { Dialogue } from "../../web/model/dialogue.ts";
import { bringBack } from "../../web/model/kept.ts";
import type { Serve } from "../../web/model/serve.ts";
import { Settings } from "../../web/model/settings.ts";
import type { Talk } from "../../web/model/talk.ts";
import { linkWhen, pageSocket, type Wire } from "./wire.ts";

export class LoadedPage {
  readonly link: Link;
  readonly desk: Desk;
  /** False: nothing that arrives is acknowledged. */
  isReading = true;
  readonly #wire: Pick<Wire, "url" | "origin">;
  #ws: WebSocketClient | null = null;

  private constructor(wire: Pick<Wire, "url" | "origin">, settings: Settings) {
    this.#wire = wire;
    const open = pageSocket(wire.origin, (ws) => (this.#ws = ws));
    this.link = new Link({ url: wire.url, open });
    this.link.returns = true;
    this.desk = new Desk(this.link, settings);
    this.#show(this.talk);
    this.desk.subscribe(() => {
      for (const dialogue of this.desk.dialogues) this.#show(dialogue);
    });
    this.link.onReturn(bringBack(this.desk, () => import("../../web/model/serve.ts")));
  }

  /** A page that is attached. */
  static async load(
    wire: Pick<Wire, "url" | "origin">,
    settings = new Settings(null),
  ): Promise<LoadedPage> {
    const page = new LoadedPage(wire, settings);
    page.link.start();
    await linkWhen(page.link, ({ status }) => status.phase === "live");
    return page;
  }

  get talk(): Talk {
    return this.desk.current;
  }
  get conversation(): Conversation {
    if (!this.talk.live) throw new Error("nothing was dialled");
    return this.talk.live;
  }
  get events(): readonly ConversationEvent[] {
    return this.conversation.events;
  }
  get serve(): Serve {
    if (!this.desk.serve) throw new Error("nothing is served");
    return this.desk.serve;
  }
  /** What arrived, as far as it is known, as text. */
  get text(): string {
    const { conversation } = this;
    return Buffer.from(conversation.bytes("in", 0, conversation.lengthOf("in"))).toString();
  }

  /**
   * The page is loaded anew.
   * @param how it went: as a page that is left does, as one that crashes, or not at all.
   */
  async reload(how: "left" | "crashed" | "still there" = "left"): Promise<LoadedPage> {
    if (how === "left") this.link.leave();
    if (how === "crashed") {
      const ws = this.#ws;
      this.forget();
      ws?.terminate();
    }
    return LoadedPage.load(this.#wire, this.talk.settings);
  }

  /** This load of the page is over, whatever becomes of its WebSocket. */
  forget(): void {
    const ws = this.#ws;
    ws?.removeAllListeners("message").removeAllListeners("close");
  }

  /** Resolves once `condition` holds of the conversation in front. */
  when(condition: (page: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition(this)) return;
        stop();
        resolve();
      };
      const stop = this.talk.subscribe(check);
      check();
    });
  }

  readonly #shown = new Set<Dialogue>();

  /** As a terminal does, whatever has arrived is acknowledged a little later. */
  #show(dialogue: Dialogue): void {
    if (this.#shown.has(dialogue)) return;
    this.#shown.add(dialogue);
    const follow = (conversation: Conversation) => {
      conversation.onEvent((event) => {
        if (event.kind !== "data" || event.side === "far" || !this.isReading) return;
        queueMicrotask(() => dialogue.consumed(conversation, event.length));
      });
    };
    if (dialogue.live) follow(dialogue.live);
    dialogue.onStart(follow);
  }
}
