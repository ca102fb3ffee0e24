/** The field of a class's code: typed in any case, with or without spaces, shown in groups as on the board. */
import { type RefObject, useLayoutEffect, useState } from "react";
import { bareCode, caretIn, groupCode } from "../model/join.ts";

export interface CodeFieldProps {
  field: RefObject<HTMLInputElement | null>;
  code: string;
  setCode(code: string): void;
  /** The code is to be typed first. */
  first: boolean;
  /** Id of what is wrong with it. */
  why: string | undefined;
}

export function CodeField({ field, code, setCode, first, why }: CodeFieldProps) {
  const [autoFocus] = useState(first);
  /** Letters before the caret: grouping would else move it to the end. */
  const [before, setBefore] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (before === null) return;
    const at = caretIn(code, before);
    field.current?.setSelectionRange(at, at);
    setBefore(null);
  }, [before, code, field]);
  return (
    <label className="door-field">
      <span className="label">Code</span>
      <input
        className="data"
        ref={field}
        value={code}
        onChange={({ target }) => {
          setBefore(bareCode(target.value.slice(0, target.selectionEnd ?? undefined)).length);
          setCode(groupCode(target.value));
        }}
        // biome-ignore lint/a11y/noAutofocus: there is nothing on this screen before it.
        autoFocus={autoFocus}
        required
        inputMode="text"
        autoCapitalize="characters"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="next"
        placeholder="as on the board"
        aria-invalid={why !== undefined}
        aria-describedby={why}
      />
    </label>
  );
}
