/** One field: the gateway asks for the access code that was printed where it runs. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Settings } from "../model/settings.ts";
import { useAppearance } from "./use-appearance.ts";
import { Wordmark } from "./wordmark.tsx";

export interface AccessCodeProps {
  settings: Settings;
  presentCode(code: string): Promise<string | null>;
  retry(): void;
}

type Step = { name: "asking" } | { name: "checking" } | { name: "refused"; why: string };

export function AccessCode({ settings, presentCode, retry }: AccessCodeProps) {
  useAppearance(settings, null);
  const [code, setCode] = useState("");
  const [step, setStep] = useState<Step>({ name: "asking" });
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The next key begins the next try.
    if (step.name === "refused") field.current?.select();
  }, [step]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setStep({ name: "checking" });
    const why = await presentCode(code.trim());
    if (why === null) retry();
    else setStep({ name: "refused", why });
  };
  return (
    <main className="door">
      <Wordmark />
      <form onSubmit={submit}>
        <h2>This gateway asks for a code.</h2>
        <p className="about">
          It was printed where the gateway runs. The address printed there carries it, too.
        </p>
        <label className="door-field">
          <span className="label">Access code</span>
          <input
            className="data"
            ref={field}
            value={code}
            onChange={(event) => setCode(event.target.value)}
            // biome-ignore lint/a11y/noAutofocus: the field is all there is on this screen.
            autoFocus
            required
            autoCapitalize="none"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            aria-invalid={step.name === "refused"}
            aria-describedby={step.name === "refused" ? "door-why" : undefined}
          />
        </label>
        {step.name === "refused" && (
          <p id="door-why" className="wrong" role="alert">
            {step.why}
          </p>
        )}
        <button type="submit" className="button main" disabled={step.name === "checking"}>
          Enter
        </button>
      </form>
    </main>
  );
}
