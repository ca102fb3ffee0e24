/** Who the members of the chat are elsewhere: then nobody of them says a name, and nobody else can take it. */
import type { Pair } from "../../observe.ts";

export interface People {
  /** The name of whoever is at the other end; null: somebody unknown. @param pair `local` is the server's end. */
  whoIs(pair: Pair): string | null;
  /** Whether that is the name of somebody known, in the chat or not. */
  isKnown(name: string): boolean;
  /** The chats elsewhere that are one with this; absent: there are none. */
  readonly elsewhere?: {
    /** There are some now. */
    readonly isThere: boolean;
    say(line: string): void;
    /** @returns stops. */
    onLine(listener: (line: string) => void): () => void;
  };
}

export const nobodyKnown: People = { whoIs: () => null, isKnown: () => false };
