/**
 * What gateways of one class tell each other. Three kinds of things travel: values that last as long as the
 * class, values that a participant holds as long as it is there, and messages.
 *
 * Everybody has a copy of all values, so that reading never waits. What is put is known here at once and
 * elsewhere soon; while the others cannot be reached it is kept, and told when they can.
 */

/** Something that a participant holds. */
export interface Held {
  readonly by: string;
  readonly key: string;
  readonly value: string;
}

/** Every method is called after the copy has changed. What was done here is told like what others did. */
export interface BusListener {
  /** A lasting value; null: removed. */
  changed?(table: string, key: string, value: string | null): void;
  /** Somebody holds something else than before in that table; null: no longer. */
  held?(table: string, by: string, key: string, value: string | null): void;
  /** A message of another participant. */
  heard?(topic: string, body: string, from: string): void;
  /** Another participant is there, or was cut off and says everything anew. */
  arrived?(participant: string): void;
  /** Nothing was heard of it for too long, or it said that it goes. What it held is gone. */
  left?(participant: string): void;
  /** Whether the others can be reached has changed. */
  online?(on: boolean): void;
}

export interface Bus {
  /** This participant's name, unique and new with each start. */
  readonly me: string;
  readonly online: boolean;
  /** Who else is there now. */
  readonly others: readonly string[];

  /** Lasting values of a table by key. The newest wins, and a removal is as new as a value. */
  entries(table: string): ReadonlyMap<string, string>;
  /**
   * Takes a key unless somebody has. While the others cannot be reached only this participant's copy is
   * asked, and the newest claim will win.
   * @returns the value that stands; never waits longer than the bus's patience.
   */
  claim(table: string, key: string, value: string): Promise<string>;
  /** @param value anything but the empty string. */
  put(table: string, key: string, value: string): void;
  remove(table: string, key: string): void;

  /** Says something that is true as long as this participant is there; null: it is true no longer. */
  hold(table: string, key: string, value: string | null): void;
  /** What everybody who is there holds in a table, this participant as well. */
  held(table: string): readonly Held[];

  /**
   * Tells the others something once. Messages of one participant and topic arrive in order, none twice;
   * while the others cannot be reached the newest of them wait.
   * @param to only this one.
   */
  publish(topic: string, body: string, to?: string): void;

  /**
   * The same, for those who can be reached in this moment: whoever cannot is not told later, nor who reads it
   * late, having been cut off.
   */
  shout(topic: string, body: string): void;

  /** @returns stops. */
  listen(listener: BusListener): () => void;
  /** Says goodbye. What this participant held is gone; what lasts, lasts. */
  close(): Promise<void>;
}
