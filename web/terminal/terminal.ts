/** The terminal pane: wires xterm, printer, gutter, line and paste to one Talk; disposed in one place. */
import { sends } from "../../shared/conversation.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue, NotSent } from "../model/dialogue.ts";
import type { Replay } from "../model/replay.ts";
import { overlap } from "../model/selection.ts";
import type { Settings } from "../model/settings.ts";
import { Store } from "../model/store.ts";
import { visibleText } from "../model/visible.ts";
import { Gutter, type Mark } from "./gutter.ts";
import { isBrowsers, type Key, type Pressed, readKeys, TOGGLE_RAW } from "./keys.ts";
import { watchLink } from "./link-notices.ts";
import { type PastePlan, type PasteQuestion, planPaste } from "./paste.ts";
import { Printer } from "./printer.ts";
import { Raw } from "./raw.ts";
import { drawFast, makeScreen, openScreen, type Screen } from "./screen.ts";
import { Script } from "./script.ts";
import { Sending } from "./sending.ts";
import { promptOf } from "./sent-line.ts";
import { applyTokens, sgr } from "./theme.ts";
import { SavedFileRow, SentFileRow } from "./transfer-row.ts";
import { Typing } from "./typing.ts";

export type { PasteQuestion } from "./paste.ts";

/** From here on a conversation is drawn by the faster renderer, where there is one. */
const MUCH_BYTES = 128 * 1024;

const RAW_WORDS = "Raw mode: every key is sent as you press it. The switch, or Ctrl-], goes back.";
const FROZEN_WORDS =
  "Your teacher has frozen typing: keys are not taken now, and a line you had begun is kept.";
const LINE_WORDS = "Lines again: Enter sends what you have typed.";

export interface TerminalPaneOptions {
  talk: Dialogue;
  settings: Settings;
  /** The recording to show, in which nothing can be typed; without it the page's own conversations. */
  replay?: Replay;
  /** Empty element that the pane fills with the terminal. */
  screen: HTMLElement;
  /** Empty column that the pane fills with marks. */
  gutter: HTMLElement;
  reducedMotion?: boolean;
}

export class TerminalPane extends Store {
  readonly #talk: Dialogue;
  readonly #replay: Replay | null;
  readonly #screen: Screen;
  readonly #element: HTMLElement;
  readonly #gutter: Gutter;
  readonly #printer: Printer;
  readonly #typing: Typing;
  readonly #sending: Sending;
  readonly #raw: Raw;
  #script: Script | null = null;
  #asked: Exclude<PastePlan, { kind: "insert" }> | null = null;
  #notice: { text: string; id: number } | null = null;
  #focusWanted = false;
  #drawsFast = false;
  /** The selection is being made here: what is pointed at need not be brought into view. */
  #picking = false;
  #isOver = false;
  /** What to undo at the end, last first. */
  #cleanup: (() => void)[] = [];

  constructor(options: TerminalPaneOptions) {
    super();
    const { talk, settings } = options;
    this.#talk = talk;
    this.#replay = options.replay ?? null;
    this.#element = options.screen;
    const screenReader = settings.choices.screenReader;
    this.#screen = makeScreen({ screenReader, reducedMotion: options.reducedMotion ?? false });
    const { terminal } = this.#screen;
    const pick = (mark: Mark) => this.#pick(mark);
    this.#gutter = new Gutter({ terminal, column: options.gutter, pick });
    this.#printer = new Printer(this.#screen, this.#gutter, () => this.#inputView());
    this.#typing = this.#makeTyping(settings);
    const say = (text: string, colour?: string) => this.#say(text, colour);
    const parts = { talk, printer: this.#printer, gutter: this.#gutter, say };
    const script = () => this.#script;
    this.#sending = new Sending({ ...parts, script });
    this.#raw = new Raw({ ...parts, sending: this.#sending });
    this.#cleanup.push(() => {
      this.#printer.dispose();
      this.#gutter.dispose();
      terminal.dispose();
    });
    this.#listen(settings);
    if (!this.#replay) this.#typing.set(talk.draft);
    if (this.#followed) this.#follow(this.#followed);
    this.#open();
  }

  /** The conversation this terminal is about. */
  get #followed(): Conversation | null {
    return this.#replay?.conversation ?? this.#talk.live;
  }

  /** A paste that waits for an answer. */
  get question(): PasteQuestion | null {
    return this.#asked?.question ?? null;
  }
  /** What is being typed. */
  get line(): string {
    return this.#typing.text;
  }
  /** The last thing the terminal said itself. */
  get notice(): { text: string; id: number } | null {
    return this.#notice;
  }

  /** Answers the question about a paste. What cannot be sent now stays asked for. */
  answer(choice: "send" | "cancel"): void {
    const asked = this.#asked;
    if (!asked || (choice === "send" && this.#refuses())) return;
    this.#asked = null;
    if (choice === "send" && !this.#sending.paste(asked)) this.#asked = asked;
    this.changed();
  }

  /** What the phone's own field was given in raw mode. */
  pressKeys(keys: string): void {
    if (!this.#refuses()) this.#raw.typed(keys);
  }

  /** Whole lines, or every key at once; the line being typed waits meanwhile. */
  chooseTyping(typing: "line" | "raw"): void {
    this.#talk.lab.choose({ typing });
  }

  /** A row for a file that is to be sent. */
  sentFile(text: string): SentFileRow {
    return new SentFileRow(this.#rowParts(), text);
  }

  /** A row for a file that takes what arrives. */
  savedFile(text: string): SavedFileRow {
    return new SavedFileRow(this.#rowParts(), text);
  }

  /** Says why something was not sent. */
  explain(problem: NotSent): void {
    this.#sending.explain(problem);
  }

  /** Says something in a row of its own. */
  tell(text: string): void {
    this.#say(text);
  }

  /** Ends our direction, and says so. */
  endDirection(): void {
    this.#end();
  }

  /** Sets the line, as the phone's own field does. */
  setLine(text: string): void {
    if (!this.#refuses()) this.#typing.set(text);
  }

  /** What Enter does: sends the line; without a connection, an empty one connects. */
  submit(): void {
    const { text } = this.#typing;
    const phase = this.#talk.live?.state.phase;
    if (phase === "open" && this.#refuses()) return;
    if (text === "" && phase !== "open" && phase !== "opening") this.#talk.again();
    else if (phase === "opening") this.#say("Not connected yet: the line is still here.");
    else if (this.#sending.line(text)) this.#typing.reset();
  }

  /** Re-reads colours and sizes from the page's tokens. */
  applyTheme(): void {
    if (!this.#screen.terminal.element) return;
    applyTokens(this.#screen.terminal);
    this.#printer.resize();
  }

  focus(): void {
    this.#focusWanted = true;
    this.#screen.terminal.focus();
  }

  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#script?.dispose();
    this.#unfollowKeys();
    for (const undo of this.#cleanup.reverse()) undo();
  }

  async #open(): Promise<void> {
    const { terminal } = this.#screen;
    const close = await openScreen(this.#screen, this.#element);
    if (this.#isOver || !terminal.element) return close();
    this.#cleanup.push(close);
    this.#screen.fit();
    this.#printer.start();
    if (this.#focusWanted) terminal.focus();
    const watcher = new ResizeObserver(() => this.#printer.resize());
    watcher.observe(this.#element);
    this.#cleanup.push(() => watcher.disconnect());
  }

  /** A conversation needs the faster renderer only when much comes; until then it is not even loaded. */
  #drawFastWhenMuchComes(): void {
    if (this.#drawsFast || (this.#followed?.state.receivedBytes ?? 0) < MUCH_BYTES) return;
    this.#drawsFast = true;
    const isOver = () => this.#isOver;
    void drawFast(this.#screen, isOver, () => this.#printer.resize());
  }

  #makeTyping(settings: Settings): Typing {
    return new Typing({
      enter: () => this.submit(),
      end: () => this.#end(),
      interrupt: () => this.#interrupt(),
      clear: () => this.#printer.clear(),
      page: (step) => this.#screen.terminal.scrollPages(step),
      history: () => settings.history(this.#talk.addressKey),
      changed: () => {
        if (!this.#replay) this.#keepDraft(settings);
        this.#printer.redraw();
        this.changed();
      },
    });
  }

  /** Half a line outlives a page that is loaded anew. */
  #keepDraft(settings: Settings): void {
    this.#talk.draft = this.#typing.text;
    settings.keepDraft(this.#talk.addressKey, this.#talk.draft);
  }

  #listen(settings: Settings): void {
    const { terminal } = this.#screen;
    const data = terminal.onData((text) => this.#typed(text));
    terminal.attachCustomKeyEventHandler(
      (event: Pressed) => !isBrowsers(event, terminal.hasSelection(), this.#isRaw),
    );
    const paste = (event: ClipboardEvent) => this.#pasted(event, event.clipboardData);
    const drop = (event: DragEvent) => this.#pasted(event, event.dataTransfer);
    // In the capture phase: xterm never sees a paste, and so never encodes one itself.
    this.#element.addEventListener("paste", paste, true);
    this.#element.addEventListener("drop", drop, true);
    this.#cleanup.push(
      () => data.dispose(),
      () => this.#element.removeEventListener("paste", paste, true),
      () => this.#element.removeEventListener("drop", drop, true),
      this.#replay
        ? this.#replay.onConversation((conversation) => this.#follow(conversation))
        : this.#talk.onStart((conversation) => this.#started(conversation)),
      this.#talk.selection.subscribe(() => this.#showSelected()),
      this.#talk.subscribe(() => this.#talkChanged()),
      this.#watchTyping(),
      settings.subscribe(() => {
        terminal.options.screenReaderMode = settings.choices.screenReader;
      }),
      watchLink(this.#talk.carrier, (text, colour) => this.#say(text, colour)),
    );
  }

  /** Lines of an earlier conversation stay readable, but what they were about is gone. */
  #pick({ about }: Mark): void {
    if (!about || about.of !== this.#talk.conversation) return;
    const { event, range } = about;
    this.#picking = true;
    this.#talk.selection.select({ event, range });
    this.#picking = false;
  }

  #showSelected(): void {
    const { selected } = this.#talk.selection;
    const { conversation } = this.#talk;
    const isSelected = ({ about }: Mark) => {
      if (!selected || !about || about.of !== conversation) return false;
      if (!selected.range || !about.range) return about.event === selected.event;
      return overlap(about.range, selected.range);
    };
    this.#gutter.select(isSelected, !this.#picking);
  }

  /** A recording has a terminal of its own, so that nothing of this one is lost. */
  #started(conversation: Conversation): void {
    if (conversation === this.#talk.live && !this.#script?.follows(conversation)) {
      this.#follow(conversation);
    }
  }

  #follow(conversation: Conversation): void {
    if (this.#replay) this.#printer.empty();
    else if (this.#script) this.#printer.print({ kind: "line", text: "" });
    this.#script?.dispose();
    this.#unfollowKeys();
    // Before the script: what it prints comes below the keys that were pressed before.
    if (!this.#replay) this.#unfollowKeys = this.#raw.follow(conversation);
    const { printer, gutter } = { printer: this.#printer, gutter: this.#gutter };
    const announce = (text: string) => this.#announce(text);
    const recorded = this.#replay !== null;
    const parts = { talk: this.#talk, printer, gutter, recorded, announce };
    this.#script = new Script(parts, conversation);
  }

  #unfollowKeys = () => {};
  #promptShown = "";
  #saidFrozen = false;

  get #isRaw(): boolean {
    return this.#replay === null && this.#talk.lab.choices.typing === "raw";
  }

  #typed(text: string): void {
    if (text === TOGGLE_RAW && !this.#replay) this.chooseTyping(this.#isRaw ? "line" : "raw");
    else if (this.#isRaw) this.pressKeys(text);
    else for (const key of readKeys(text)) if (this.#answers(key)) this.#typing.press(key);
  }

  /** Raw mode comes and goes here, in the lab's panel, and by its key. */
  #watchTyping(): () => void {
    let was = this.#isRaw;
    return this.#talk.lab.subscribe(() => {
      const isRaw = this.#isRaw;
      if (!isRaw || !this.#talk.lab.choices.echo) this.#raw.flush();
      if (isRaw !== was) this.#say(isRaw ? RAW_WORDS : LINE_WORDS, sgr.ink3);
      was = isRaw;
      this.#printer.redraw();
    });
  }

  #rowParts() {
    const [printer, gutter, sending] = [this.#printer, this.#gutter, this.#sending];
    const say = (text: string, colour?: string) => this.#say(text, colour);
    return { talk: this.#talk, printer, gutter, sending, say };
  }

  #talkChanged(): void {
    this.#drawFastWhenMuchComes();
    this.#sending.reconcile();
    if (this.#prompt() !== this.#promptShown) this.#printer.redraw();
  }

  /** There is a prompt only while a line can be sent. */
  #prompt(): string {
    if (this.#isRaw) return this.#raw.view.prompt;
    return this.#talk.canSend ? promptOf(this.#talk.role) : "";
  }

  #inputView() {
    this.#promptShown = this.#prompt();
    const direction = sends(this.#talk.role);
    if (this.#isRaw) {
      const { prompt, text } = this.#raw.view;
      return { prompt, direction, text, cursor: text.length };
    }
    const { text, cursor } = this.#typing;
    return { prompt: this.#promptShown, direction, text, cursor };
  }

  /** Nothing can be typed into a recording, or while a teacher has frozen typing; pages can be turned. */
  #answers(key: Key): boolean {
    if (key.do === "pageUp" || key.do === "pageDown") return true;
    return this.#replay === null && (key.do === "enter" || !this.#refuses());
  }

  /** A teacher has frozen typing. It is said at the first key, and not again at each. */
  #refuses(): boolean {
    const frozen = this.#talk.carrier.status.student?.frozen === true;
    if (frozen && !this.#saidFrozen) this.#say(FROZEN_WORDS);
    this.#saidFrozen = frozen;
    return frozen;
  }

  /** Ctrl-D on an empty line. */
  #end(): void {
    if (!this.#talk.canSend || this.#refuses()) return;
    this.#script?.sayShutdown();
    // UDP has no direction that could end; the line that was said explains it.
    if (this.#talk.live?.state.transport !== "udp") this.#talk.shutdown();
  }

  /** Ctrl-C: drops the line, and stops what is being sent. */
  #interrupt(): void {
    const dropped = visibleText(this.#typing.text);
    const text = `${sgr.ink2}${this.#prompt()}${sgr[sends(this.#talk.role)]}${dropped}${sgr.ink3}^C`;
    this.#printer.print({ kind: "line", text });
    this.#typing.reset();
    if (this.#talk.longSend || this.#talk.taker) this.#talk.stopSending();
  }

  #pasted(event: Event, data: DataTransfer | null): void {
    event.preventDefault();
    event.stopPropagation();
    if (this.#replay || this.#refuses()) return;
    const plan = planPaste(data?.getData("text/plain") ?? "");
    if (!plan) return;
    if (plan.kind === "insert" && this.#isRaw) return this.#raw.pasted(plan.text);
    if (plan.kind === "insert") return this.#typing.insert(plan.text);
    this.#asked = plan;
    this.changed();
  }

  #say(text: string, colour: string = sgr.ink2): void {
    this.#announce(text);
    this.#printer.print({ kind: "words", text: colour + visibleText(text) });
  }

  #announce(text: string): void {
    this.#notice = { text, id: (this.#notice?.id ?? 0) + 1 };
    this.changed();
  }
}
