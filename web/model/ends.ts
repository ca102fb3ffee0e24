/** Which end is which: the client is at the left of every drawing and the server at the right, whichever the page is. */
import { type Direction, type Role, type Side, senderOf } from "../../shared/conversation.ts";

/** A lifeline of the ladder, and an end of the wire: called after who is there. */
export type Column = Role;
export const columns: readonly Column[] = ["client", "server"];

/** The end that the page is not: `the ${peerOf(role)}` hung up. */
export function peerOf(role: Role): Role {
  return role === "client" ? "server" : "client";
}

export function columnOf(role: Role, side: Side): Column {
  return side === "near" ? role : peerOf(role);
}

export function sideOf(role: Role, column: Column): Side {
  return column === role ? "near" : "far";
}

/** Who sent, and who read, what goes in a direction. */
export function sidesOf(direction: Direction, role: Role): { sender: Side; receiver: Side } {
  const sender = senderOf(role, direction);
  return { sender, receiver: sender === "near" ? "far" : "near" };
}

/** `Your socket`, `Server socket`; where the page is the server, `Client socket`. */
export function socketName(side: Side, role: Role): string {
  if (side === "near") return "Your socket";
  return role === "client" ? "Server socket" : "Client socket";
}
