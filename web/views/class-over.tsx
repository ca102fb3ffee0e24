/** The page of somebody who is in the class no longer: what happened, and what can be done now. */
import { useEffect, useRef } from "react";
import type { ClassRole } from "../../shared/classroom.ts";
import { overWords } from "../model/class-over.ts";
import type { Settings } from "../model/settings.ts";
import { useAppearance } from "./use-appearance.ts";
import { Wordmark } from "./wordmark.tsx";
import "../theme/join.css";

export interface ClassOverProps {
  /** The failure that the link stopped with. */
  code: string;
  role: ClassRole;
  settings: Settings;
  /** Back to the screens: what happened there can still be read and saved. */
  look(): void;
}

export default function ClassOver({ code, role, settings, look }: ClassOverProps) {
  useAppearance(settings, null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const { headline, text, again } = overWords(code, role);
  return (
    <main className="door join">
      <Wordmark />
      <section className="shut" aria-labelledby="over">
        <div role="alert">
          <h2 id="over">{headline}</h2>
          <p>{text}</p>
        </div>
        <div className="shut-buttons">
          {again && (
            <button
              ref={button}
              type="button"
              className="button main"
              // The page begins anew: it asks the gateway who this browser is.
              onClick={() => window.location.reload()}
            >
              {again}
            </button>
          )}
          <button ref={again ? null : button} type="button" className="button" onClick={look}>
            Look at what was here
          </button>
        </div>
      </section>
    </main>
  );
}
