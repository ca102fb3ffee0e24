/** A lesson server that passes lines on: what one client says, all others read, and nobody waits for anybody. */
import { performance } from "node:perf_hooks";
import { printable } from "../printable.ts";
import type { Client, Manners, Rules } from "../rules.ts";
import { LineReader } from "./lines.ts";
import { Mailbox } from "./mailbox.ts";
import { createPace } from "./pace.ts";
import { nobodyKnown, type People } from "./people.ts";
import { type Member, Room } from "./room.ts";

const READ_BYTES = 4096;
/** Each line goes to everybody, so one client's haste is everybody's work. */
const LINES_PER_SECOND = 10;
const LINES_AT_ONCE = 20;
/** How long the rest of a line may take that has begun, in milliseconds. */
const REST_OF_LINE_MS = 1_000;
/** Who talks too fast for so long is no person who has pasted something, in milliseconds. */
const PATIENCE_MS = 30_000;
const MOST_CLIENTS = 500;

const GREETING = [
  "* This is the chat. What you say, all others here read.",
  "* /who says who is here, /name NAME changes your name, /quit leaves.",
  "* Your name?",
  "",
].join("\n");

/** To somebody who has a name already. */
const KNOWN_GREETING = [
  "* This is the chat. What you say, all others here read.",
  "* /who says who is here, /quit leaves.",
  "",
].join("\n");

export interface ChatOptions {
  /** Clients at once. */
  mostClients?: number;
  /** How long one may talk too fast, in milliseconds. */
  patienceMs?: number;
  people?: People;
}

export function chat(options: ChatOptions = {}): Rules {
  const { mostClients = MOST_CLIENTS, patienceMs = PATIENCE_MS, people = nobodyKnown } = options;
  const room = new Room(people);
  let clients = 0;
  return {
    readBytes: READ_BYTES,
    // Nobody writes back at once, so with Nagle's algorithm a second line would wait for a late ACK.
    noDelay: true,
    meet(client) {
      if (clients >= mostClients) {
        client.hangUp(`* The chat is full: ${clients} are here.\n`);
        return { heard: () => false };
      }
      clients++;
      const known = client.pair && people.whoIs(client.pair);
      const manners = meet(client, room, patienceMs, known);
      return {
        ...manners,
        gone() {
          clients--;
          manners.gone();
        },
      };
    },
  };
}

/** @param known the client's name, where that is settled already. */
function meet(
  client: Client,
  room: Room,
  patienceMs: number,
  known: string | null,
): Manners & { gone(): void } {
  const mailbox = new Mailbox(client);
  const member: Member = { name: null, isKnown: known !== null, mailbox };
  const reader = new LineReader();
  const pace = createPace(LINES_PER_SECOND, LINES_AT_ONCE, () => performance.now());
  /** Read, and not said yet because the client is too quick: the lines of one read. */
  let inbox: Buffer[] = [];
  let ending = false;
  let pacing: NodeJS.Timeout | undefined;
  let resting: NodeJS.Timeout | undefined;
  mailbox.post(Buffer.from(known === null ? GREETING : KNOWN_GREETING));
  if (known !== null) room.enter(member, known);

  /** @returns false while lines are left for later. */
  function pump(): boolean {
    clearTimeout(pacing);
    for (let line = inbox.shift(); line !== undefined; line = inbox.shift()) {
      const wait = pace.take();
      if (wait > 0 && pace.hastyMs() > patienceMs) {
        client.hangUp("* That is too much for a chat. Goodbye.\n");
        return false;
      }
      if (wait > 0) {
        inbox.unshift(line);
        pacing = setTimeout(goOn, wait);
        return false;
      }
      if (!obey(client, room, member, line)) inbox = [];
    }
    return true;
  }

  function goOn(): void {
    if (!pump()) return;
    if (ending) client.hangUp();
    else client.readOn();
  }

  function rest(): void {
    inbox.push(...reader.flush());
    // What waited before may be said with it, and then nobody else reads on.
    goOn();
  }

  return {
    heard(bytes) {
      clearTimeout(resting);
      inbox.push(...reader.push(bytes));
      if (reader.waits) resting = setTimeout(rest, REST_OF_LINE_MS);
      return pump();
    },
    drained: () => mailbox.drained(),
    ended() {
      ending = true;
      inbox.push(...reader.flush());
      if (pump()) client.hangUp();
    },
    gone() {
      clearTimeout(pacing);
      clearTimeout(resting);
      room.leave(member);
    },
  };
}

/** Does what one line says. @returns false when the client leaves. */
function obey(client: Client, room: Room, member: Member, line: Buffer): boolean {
  const [shown, text] = [printable(line), line.toString().trim()];
  client.log(`Received: ${shown}`);
  const [, command, argument = ""] = /^\/(\w*)\s*(.*)$/s.exec(text) ?? [];
  if (command === "quit") {
    room.leave(member);
    client.hangUp("* Goodbye.\n");
    return false;
  }
  if (member.name === null && command === undefined) room.rename(member, text);
  else if (member.name === null) room.tell(member, "First your name, please.");
  else if (command === undefined) room.say(member, shown);
  else if (command === "who") room.who(member);
  else if (command === "name") room.rename(member, argument);
  else room.tell(member, `There is no /${command}. There are /who, /name NAME and /quit.`);
  return true;
}
