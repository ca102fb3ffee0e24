/** The parts of the teacher's panel that students notice at once: connect, note, typing, hang up, remove. */
import { type FormEvent, useId, useState } from "react";
import { formatAddress, parseAddress } from "../../shared/address.ts";
import { MAX_NOTE_CHARACTERS } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import type { Student } from "../model/wall-rows.ts";
import { nameOf } from "../model/wall-words.ts";
import { DeedWords, Question } from "./class-deed.tsx";
import { type DirectPart, only, Part, type Teaching, whom } from "./class-direct-part.tsx";
import { useDeed } from "./use-deed.ts";
import { WordsWithCode } from "./words-with-code.tsx";

export function Point({ classroom, now, target, called }: DirectPart) {
  const [text, setText] = useState(now.targets[0]?.address ?? "");
  const deed = useDeed(classroom);
  const list = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = parseAddress(text);
    if (!parsed.ok) return deed.fail(parsed.problem);
    const address = formatAddress(parsed.address);
    const said = () => `Told ${called(target)} to connect to ${address}.`;
    void deed.run({ do: "point", address, ...only(target) }, said);
  };
  return (
    <Part name="Connect">
      <form className="direct-line" onSubmit={submit}>
        <input
          className="direct-field data"
          aria-label="Address to connect to"
          value={text}
          list={list}
          onChange={(event) => setText(event.target.value)}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        <datalist id={list}>
          {now.targets.map(({ address, name }) => (
            <option key={address} value={address}>
              {name}
            </option>
          ))}
        </datalist>
        <button type="submit" className="button main">
          Connect {whom(target)}
        </button>
      </form>
      <DeedWords step={deed.step} />
    </Part>
  );
}

export function Note({ classroom, now, target, called }: DirectPart) {
  const [text, setText] = useState("");
  const deed = useDeed(classroom);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const sent = text.trim();
    const said = () => `Sent to ${called(target)}.`;
    if (await deed.run({ do: "note", text: sent, ...only(target) }, said)) setText("");
  };
  return (
    <Part name="Note">
      <form className="direct-line" onSubmit={submit}>
        <input
          className="direct-field"
          aria-label="Note to students"
          value={text}
          maxLength={MAX_NOTE_CHARACTERS}
          onChange={(event) => setText(event.target.value)}
          autoComplete="off"
        />
        <button type="submit" className="button" disabled={text.trim() === ""}>
          Send to {whom(target)}
        </button>
      </form>
      {now.note && now.note.text !== "" && (
        <p className="direct-line about">
          <span>
            On every page: “<WordsWithCode text={now.note.text} />”
          </span>
          <button
            type="button"
            className="plain-button"
            onClick={() => void deed.run({ do: "note", text: "" }, "Taken away.")}
          >
            Take it away
          </button>
        </p>
      )}
      <DeedWords step={deed.step} />
    </Part>
  );
}

export function Typing(props: DirectPart & { teacher: Teaching }) {
  const { classroom, now, target, teacher, called } = props;
  const deed = useDeed(classroom);
  const frozen = target ? teacher.frozen.includes(target.id) : now.frozen;
  const toggle = () =>
    void deed.run(
      { do: "freeze", on: !frozen, ...only(target) },
      frozen
        ? () => `Let ${called(target)} type again.`
        : () => `Froze typing for ${called(target)}.`,
    );
  return (
    <Part name="Typing">
      <div className="direct-line">
        <button type="button" className="button" onClick={toggle}>
          {frozen ? `Let ${whom(target)} type` : `Freeze typing for ${whom(target)}`}
        </button>
        <span className="about">
          While it is frozen, keys are not taken: a half-typed line is kept, and what was sent
          already waits at the gateway.
        </span>
      </div>
      <DeedWords step={deed.step} />
    </Part>
  );
}

export function HangUp({ classroom, target, called }: DirectPart) {
  const deed = useDeed(classroom);
  const [asks, setAsks] = useState(false);
  const go = () => {
    setAsks(false);
    void deed.run({ do: "hang-up", ...only(target) }, () => `Hung up for ${called(target)}.`);
  };
  return (
    <Part name="Hang up">
      {asks ? (
        <Question yes="Hang up everybody" onYes={go} onNo={() => setAsks(false)}>
          This closes every connection of every student.
        </Question>
      ) : (
        <div className="direct-line">
          <button type="button" className="button" onClick={() => (target ? go() : setAsks(true))}>
            Hang up {whom(target)}
          </button>
          <span className="about">As close(2) does: the other end reads its end.</span>
        </div>
      )}
      <DeedWords step={deed.step} />
    </Part>
  );
}

export function Remove({ classroom, student }: { classroom: Classroom; student: Student }) {
  const deed = useDeed(classroom);
  const [asks, setAsks] = useState(false);
  const name = nameOf(student);
  const go = () => {
    setAsks(false);
    void deed.run({ do: "remove", student: student.id }, `${name} is out.`);
  };
  return (
    <Part name="Remove">
      {asks ? (
        <Question yes={`Remove ${name}`} onYes={go} onNo={() => setAsks(false)}>
          {name} loses every connection and is in the class no longer. Whoever has the code can join
          again, as a new student, unless joining is locked.
        </Question>
      ) : (
        <button type="button" className="button" onClick={() => setAsks(true)}>
          Remove {name}
        </button>
      )}
      <DeedWords step={deed.step} />
    </Part>
  );
}
