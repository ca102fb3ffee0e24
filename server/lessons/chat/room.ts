/** Who is in the chat, and what each of them is told when one of them speaks. */
import type { Mailbox } from "./mailbox.ts";
import { cleanName, nameKey } from "./names.ts";

/** Somebody in the chat, with or without a name yet. */
export interface Member {
  name: string | null;
  readonly mailbox: Mailbox;
}

/** Names that one answer lists; of a large class the rest is a number. */
const MOST_LISTED = 20;

export class Room {
  readonly #members = new Map<string, Member & { name: string }>();

  /** A notice to one member. */
  tell(member: Member, text: string): void {
    member.mailbox.post(Buffer.from(`* ${text}\n`));
  }

  /** The first line of a client, or what follows `/name`. Says what came of it. */
  rename(member: Member, asked: string): void {
    const name = cleanName(asked);
    if (name === null) return this.tell(member, "That leaves no name to be read. Another one?");
    const holder = this.#members.get(nameKey(name));
    if (holder && holder !== member) {
      return this.tell(member, `Somebody here is called ${holder.name}. Another name?`);
    }
    const before = member.name;
    if (before !== null) this.#members.delete(nameKey(before));
    member.name = name;
    this.#members.set(nameKey(name), member as Member & { name: string });
    if (before === null) {
      this.tell(member, `Welcome, ${name}. ${this.#company(member)}`);
      this.#others(member, `* ${name} came in.`);
    } else if (before !== name) {
      this.tell(member, `You are now called ${name}.`);
      this.#others(member, `* ${before} is now called ${name}.`);
    }
  }

  /** A line of a member with a name, to everybody else. */
  say(member: Member, text: string): void {
    if (this.#members.size === 1) this.tell(member, "Nobody else is here to read that.");
    this.#others(member, `${member.name}: ${text}`);
  }

  who(member: Member): void {
    if (this.#members.size === 1) this.tell(member, "You are alone.");
    else this.tell(member, this.#company(member));
  }

  leave(member: Member): void {
    if (member.name === null) return;
    this.#members.delete(nameKey(member.name));
    this.#others(member, `* ${member.name} left.`);
    member.name = null;
  }

  #others(member: Member, line: string): void {
    // One buffer for all of them: of who does not read, only the place in the queue is kept.
    const bytes = Buffer.from(`${line}\n`);
    for (const other of this.#members.values()) if (other !== member) other.mailbox.post(bytes);
  }

  #company(member: Member): string {
    return this.#members.size === 1
      ? "Nobody else is here yet."
      : `${this.#members.size} are here: ${this.#listed(member)}.`;
  }

  #listed(member: Member): string {
    const others = [...this.#members.values()].filter((it) => it !== member);
    const names = ["you", ...others.slice(0, MOST_LISTED).map(({ name }) => name)];
    const more = others.length - MOST_LISTED;
    if (more > 0) names.push(`${more} more`);
    return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  }
}
