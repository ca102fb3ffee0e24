/** Something a teacher asks for: under way, done, or the sentence why not. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { ClassAction } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";

/** What is written once it is done; made anew each time where it names somebody, for names can be hidden. */
export type Said = string | (() => string);

export type DeedStep =
  | { name: "idle" }
  | { name: "doing" }
  | { name: "done"; said: Said }
  | { name: "failed"; why: string };

export interface Deed {
  step: DeedStep;
  /** @returns whether it was done. */
  run(action: ClassAction, said: Said): Promise<boolean>;
  /** It cannot even be asked for. */
  fail(why: string): void;
}

/** What was done is said for so long; what could not be done stays. */
const SAID_MS = 10_000;

/** @param forgetMs after which what was done is said no longer. */
export function useDeed(classroom: Classroom, forgetMs = SAID_MS): Deed {
  const [step, setStep] = useState<DeedStep>({ name: "idle" });
  /** Only what was asked for last is told. */
  const latest = useRef(0);
  useEffect(() => {
    const asked = latest;
    return () => {
      asked.current = -1;
    };
  }, []);
  useEffect(() => {
    if (step.name !== "done") return undefined;
    const timer = setTimeout(() => setStep({ name: "idle" }), forgetMs);
    return () => clearTimeout(timer);
  }, [step, forgetMs]);
  const run = useCallback(
    async (action: ClassAction, said: Said) => {
      const n = ++latest.current;
      setStep({ name: "doing" });
      const why = await classroom.steer(action);
      if (latest.current === n)
        setStep(why === null ? { name: "done", said } : { name: "failed", why });
      return why === null;
    },
    [classroom],
  );
  const fail = useCallback((why: string) => {
    latest.current++;
    setStep({ name: "failed", why });
  }, []);
  return { step, run, fail };
}
