/** The door of a class: its code, a name, and what a student has to know before typing anything. */
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { AuthNow } from "../../shared/classroom.ts";
import { MAX_NAME_CHARACTERS } from "../../shared/classroom.ts";
import { groupCode, type JoinWords, joinWords, type NotJoined } from "../model/join.ts";
import type { Settings } from "../model/settings.ts";
import { CodeField } from "./join-code.tsx";
import { Seen, Why } from "./join-parts.tsx";
import { useAppearance } from "./use-appearance.ts";
import { Wordmark } from "./wordmark.tsx";
import "../theme/join.css";

type ClassAtDoor = NonNullable<AuthNow["class"]>;

export interface JoinProps {
  settings: Settings;
  /** What the gateway said of the class when the page began. */
  classNow: ClassAtDoor;
  /** From the address; empty without one. */
  code: string;
  /** What to say of how somebody came here; empty for most. */
  trouble: string;
  join(code: string, name: string): Promise<NotJoined | null>;
  /** Asks for the class again; null: there is no answer, or no class. */
  ask(): Promise<ClassAtDoor | null>;
  /** This browser is a student of the class now. */
  joined(): void;
}

type Step =
  | { name: "asking" }
  | { name: "checking" }
  | { name: "refused"; refused: NotJoined; until: number };

const asking: Step = { name: "asking" };

function refusal(refused: NotJoined): Step {
  const waits = "retryAfterMs" in refused ? (refused.retryAfterMs ?? 0) : 0;
  return { name: "refused", refused, until: performance.now() + waits };
}

export default function Join({ settings, classNow, code: first, trouble, ...ways }: JoinProps) {
  useAppearance(settings, null);
  const [about, setAbout] = useState(classNow);
  const [code, setCode] = useState(groupCode(first));
  const [name, setName] = useState("");
  const [step, setStep] = useState(() =>
    classNow.locked ? refusal({ problem: "locked" }) : asking,
  );
  useEffect(() => {
    document.title = `Join ${about.name}, Wireside`;
  }, [about.name]);
  const tryJoin = async (as: string) => {
    setStep({ name: "checking" });
    const refused = await ways.join(code, as);
    if (refused) setStep(refusal(refused));
    else ways.joined();
  };
  const again = async () => {
    setStep({ name: "checking" });
    const now = await ways.ask();
    if (now) setAbout(now);
    if (now?.locked) setStep(refusal({ problem: "locked" }));
    else if (now) setStep(asking);
    else setStep(refusal({ problem: "unreachable", detail: "" }));
  };
  const words = step.name === "refused" ? joinWords(step.refused, about.name) : null;
  return (
    <main className="door join">
      <Wordmark />
      {words?.shut ? (
        <Shut words={words} again={again} />
      ) : (
        <JoinForm
          {...{ about, code, setCode, name, setName, step, words, tryJoin }}
          trouble={step === asking ? trouble : ""}
        />
      )}
    </main>
  );
}

/** Nobody can come in now, whatever is typed. */
function Shut({ words, again }: { words: JoinWords; again(): void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <section className="shut" aria-labelledby="shut">
      <div role="alert">
        <h2 id="shut">{words.headline}</h2>
        <p>{words.text}</p>
      </div>
      <button ref={button} type="button" className="button main" onClick={again}>
        Try again
      </button>
    </section>
  );
}

interface FormProps {
  about: ClassAtDoor;
  code: string;
  setCode(code: string): void;
  name: string;
  setName(name: string): void;
  step: Step;
  words: JoinWords | null;
  trouble: string;
  tryJoin(name: string): void;
}

function JoinForm({ about, code, setCode, name, setName, step, words, ...rest }: FormProps) {
  const ids = { seen: useId(), code: useId(), name: useId(), about: useId() };
  const fields = { code: useRef<HTMLInputElement>(null), name: useRef<HTMLInputElement>(null) };
  const { code: codeField, name: nameField } = fields;
  const waits = useWait(step);
  const wrong = words?.at;
  useEffect(() => {
    // The next key begins the next try.
    if (wrong === "code") codeField.current?.select();
    if (wrong === "name") nameField.current?.select();
  }, [wrong, codeField, nameField]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (waits === 0 && step.name !== "checking") rest.tryJoin(name);
  };
  const suggestion =
    step.name === "refused" && "suggestion" in step.refused ? step.refused.suggestion : undefined;
  const take = (free: string) => {
    setName(free);
    rest.tryJoin(free);
  };
  const why = (at: JoinWords["at"]) =>
    words && wrong === at && <Why id={ids[at === "class" ? "about" : at]} words={words} />;
  return (
    <form onSubmit={submit} aria-describedby={ids.seen}>
      <h2>{`Join ${about.name}`}</h2>
      {rest.trouble !== "" && (
        <p role="status" className="about">
          {rest.trouble}
        </p>
      )}
      <Seen id={ids.seen} about={about} />
      <CodeField
        field={codeField}
        code={code}
        setCode={setCode}
        first={code === ""}
        why={wrong === "code" ? ids.code : undefined}
      />
      {why("code")}
      <label className="door-field">
        <span className="label">Your name</span>
        <input
          ref={nameField}
          value={name}
          onChange={(event) => setName(event.target.value)}
          // biome-ignore lint/a11y/noAutofocus: the code came with the address, so the name is all that is asked.
          autoFocus={code !== ""}
          required
          maxLength={MAX_NAME_CHARACTERS}
          autoCapitalize="words"
          autoComplete="nickname"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="go"
          aria-invalid={wrong === "name"}
          aria-describedby={wrong === "name" ? ids.name : undefined}
        />
      </label>
      {why("name")}
      {suggestion && (
        <button type="button" className="button" onClick={() => take(suggestion)}>
          {`Join as ${suggestion}`}
        </button>
      )}
      {why("class")}
      <button type="submit" className="button main" aria-disabled={waits > 0}>
        {waits > 0 ? `Wait ${waits} s` : step.name === "checking" ? "Joining…" : "Join"}
      </button>
    </form>
  );
}

/** Seconds until the gateway looks at another try; 0: now. */
function useWait(step: Step): number {
  const until = step.name === "refused" ? step.until : 0;
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const read = () => Math.max(0, Math.ceil((until - performance.now()) / 1000));
    setSeconds(read());
    if (read() === 0) return;
    const timer = setInterval(() => {
      setSeconds(read());
      if (read() === 0) clearInterval(timer);
    }, 200);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}
