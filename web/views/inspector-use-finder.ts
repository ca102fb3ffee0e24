/** The search of a conversation's bytes, as long as its field is open. */
import { type RefObject, useEffect, useRef, useState } from "react";
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
  const [isOpen, setOpen] = useState(false);
  const [finder, setFinder] = useState<Finder | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const made = new Finder(conversation);
    setFinder(made);
    return () => {
      made.dispose();
      setFinder(null);
    };
  }, [isOpen, conversation]);
  useEffect(() => {
    if (finder) field.current?.focus();
  }, [finder]);
  const open = () => {
    setOpen(true);
    field.current?.select();
    field.current?.focus();
  };
  return { finder, field, open, close: () => setOpen(false) };
}
