/** Who is in the chat, and what each of them is told when one of them speaks. */

import { MAX_NAME_CHARACTERS } from "../../../shared/classroom.ts";
import { freeName } from "../../../shared/names.ts";
import type { Mailbox } from "./mailbox.ts";
import { cleanName, nameKey } from "./names.ts";
import { nobodyKnown, type People } from "./people.ts";

/** Somebody in the chat, with or without a name yet. */
export interface Member {
  name: string | null;
  /** The name was settled elsewhere, and stays. */
  readonly isKnown?: boolean;
  readonly mailbox: Mailbox;
}

/** Names that one answer lists; of a large class the rest is a number. */
const MOST_LISTED = 20;

export class Room {
  readonly #members = new Map<string, Member & { name: string }>();
  readonly #people: People;
  /** Listens to the chats elsewhere, while somebody is here. */
  #deafen: (() => void) | null = null;

  constructor(people = nobodyKnown) {
    this.#people = people;
  }

  /** A notice to one member. */
  tell(member: Member, text: string): void {
    member.mailbox.post(Buffer.from(`* ${text}\n`));
  }

  /** The first line of a client, or what follows `/name`. Says what came of it. */
  rename(member: Member, asked: string): void {
    if (member.isKnown) return this.tell(member, `Here you are ${member.name}, as in your class.`);
    const name = cleanName(asked);
    if (name === null) return this.tell(member, "That leaves no name to be read. Another one?");
    const holder = this.#members.get(nameKey(name));
    if (holder && holder !== member) {
      return this.tell(member, `Somebody here is called ${holder.name}. Another name?`);
    }
    if (this.#people.isKnown(name)) {
      return this.tell(member, `Somebody in the class is called ${name}. Another name?`);
    }
    const before = member.name;
    if (before !== null) this.#members.delete(nameKey(before));
    if (before === null) this.#welcome(member, name);
    else this.#name(member, name);
    if (before !== null && before !== name) {
      this.tell(member, `You are now called ${name}.`);
      this.#others(member, `* ${before} is now called ${name}.`);
    }
  }

  /** Somebody comes in whose name is known. A second time it has a number. */
  enter(member: Member, known: string): void {
    const isTaken = (key: string) => this.#members.has(key) || this.#people.isKnown(key);
    const name = this.#members.has(nameKey(known))
      ? freeName(known, MAX_NAME_CHARACTERS, isTaken)
      : known;
    this.#welcome(member, name);
  }

  /** A line of a member with a name, to everybody else. */
  say(member: Member, text: string): void {
    if (this.#members.size === 1 && !this.#people.elsewhere?.isThere) {
      this.tell(member, "Nobody else is here to read that.");
    }
    this.#others(member, `${member.name}: ${text}`);
  }

  who(member: Member): void {
    if (this.#members.size === 1) this.tell(member, `You are alone${this.#where}.`);
    else this.tell(member, this.#company(member));
  }

  leave(member: Member): void {
    if (member.name === null) return;
    this.#members.delete(nameKey(member.name));
    this.#others(member, `* ${member.name} left.`);
    member.name = null;
    if (this.#members.size > 0) return;
    this.#deafen?.();
    this.#deafen = null;
  }

  #welcome(member: Member, name: string): void {
    this.#name(member, name);
    this.#deafen ??= this.#people.elsewhere?.onLine((line) => this.#toAll(line)) ?? null;
    this.tell(member, `Welcome, ${name}. ${this.#company(member)}`);
    this.#others(member, `* ${name} came in.`);
  }

  #name(member: Member, name: string): void {
    member.name = name;
    this.#members.set(nameKey(name), member as Member & { name: string });
  }

  #others(member: Member, line: string): void {
    // One buffer for all of them: of who does not read, only the place in the queue is kept.
    this.#toAll(line, member);
    this.#people.elsewhere?.say(line);
  }

  #toAll(line: string, except?: Member): void {
    const bytes = Buffer.from(`${line}\n`);
    for (const other of this.#members.values()) if (other !== except) other.mailbox.post(bytes);
  }

  /** Who is in the chats elsewhere, nobody knows here. */
  get #where(): string {
    return this.#people.elsewhere?.isThere ? " on this gateway" : "";
  }

  #company(member: Member): string {
    return this.#members.size === 1
      ? `Nobody else is here yet${this.#where}.`
      : `${this.#members.size} are here${this.#where}: ${this.#listed(member)}.`;
  }

  #listed(member: Member): string {
    const others = [...this.#members.values()].filter((it) => it !== member);
    const names = ["you", ...others.slice(0, MOST_LISTED).map(({ name }) => name)];
    const more = others.length - MOST_LISTED;
    if (more > 0) names.push(`${more} more`);
    return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  }
}
