/** Who the members of the chat are elsewhere: then nobody of them says a name, and nobody else can take it. */
import type { Endpoint } from "../../../shared/protocol.ts";

export interface People {
  /** The name of whoever has connected from there; null: somebody unknown. */
  whoIs(remote: Endpoint): string | null;
  /** Whether that is the name of somebody known, in the chat or not. */
  isKnown(name: string): boolean;
  /** The chats elsewhere that are one with this; absent: there are none. */
  readonly elsewhere?: {
    say(line: string): void;
    /** @returns stops. */
    onLine(listener: (line: string) => void): () => void;
  };
}

export const nobodyKnown: People = { whoIs: () => null, isKnown: () => false };
