/** The search of a conversation's bytes, as long as its field is open. */
import { type RefObject, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Conversation } from "../model/conversation.ts";
import { Finder } from "./inspector-find.ts";

export interface OpenSearch {
  /** Null while the field is shut. */
  finder: Finder | null;
  field: RefObject<HTMLInputElement | null>;
  /** Opens the field, or goes back to it. */
  open(): void;
  close(): void;
}

export function useFinder(conversation: Conversation): OpenSearch {
  const [finder, setFinder] = useState<Finder | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => () => finder?.dispose(), [finder]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation has other bytes.
  useEffect(() => () => setFinder(null), [conversation]);
  const open = () => {
    // At once: the next key already belongs to the field.
    if (!finder) flushSync(() => setFinder(new Finder(conversation)));
    field.current?.select();
    field.current?.focus();
  };
  return { finder, field, open, close: () => setFinder(null) };
}
