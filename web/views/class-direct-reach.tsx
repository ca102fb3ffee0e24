/** The parts of the teacher's panel about what students may reach: targets beside the lessons, and lesson servers. */
import { type FormEvent, useState } from "react";
import { LESSON_NAMES, type LessonName } from "../../shared/lessons.ts";
import { DeedWords } from "./class-deed.tsx";
import { type DirectPart, Part, type Teaching } from "./class-direct-part.tsx";
import { useDeed } from "./use-deed.ts";

type ReachProps = DirectPart & { teacher: Teaching };

export function Reach({ classroom, teacher }: ReachProps) {
  const [text, setText] = useState("");
  const deed = useDeed(classroom);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const address = text.trim();
    const done = await deed.run(
      { do: "allow", address, on: true },
      `Students may reach ${address}.`,
    );
    if (done) setText("");
  };
  return (
    <Part name="Students may also reach">
      {teacher.added.length > 0 && (
        <ul className="direct-list">
          {teacher.added.map((address) => (
            <li key={address}>
              <span className="data">{address}</span>
              <button
                type="button"
                className="plain-button"
                aria-label={`Take away ${address}`}
                onClick={() =>
                  void deed.run(
                    { do: "allow", address, on: false },
                    `${address} is not allowed any more.`,
                  )
                }
              >
                Take away
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className="direct-line" onSubmit={submit}>
        <input
          className="direct-field data"
          aria-label="Target that students may reach"
          placeholder="host:port"
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        <button type="submit" className="button" disabled={text.trim() === ""}>
          Allow
        </button>
      </form>
      <DeedWords step={deed.step} />
    </Part>
  );
}

const MAX_PORT = 65_535;

export function Lessons({ classroom, teacher }: ReachProps) {
  const [lesson, setLesson] = useState<LessonName>("echo");
  const [port, setPort] = useState("0");
  const deed = useDeed(classroom);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const number = Number(port);
    if (!Number.isInteger(number) || number < 0 || number > MAX_PORT)
      return deed.fail(`A port is a number from 1 to ${MAX_PORT}; 0 takes any free one.`);
    void deed.run(
      { do: "lesson", lesson, port: number, on: true },
      number === 0 ? `${lesson} listens on a free port.` : `${lesson} listens on ${number}.`,
    );
  };
  return (
    <Part name="Lesson servers">
      <ul className="direct-list">
        {teacher.lessons.map(({ name, port: at, own }) => (
          <li key={`${name} ${at}`}>
            <span className="data">
              {name} :{at}
            </span>
            {own && (
              <button
                type="button"
                className="plain-button"
                aria-label={`Stop ${name} on ${at}`}
                onClick={() =>
                  void deed.run(
                    { do: "lesson", lesson: name as LessonName, port: at, on: false },
                    `${name} on ${at} is stopped.`,
                  )
                }
              >
                Stop
              </button>
            )}
          </li>
        ))}
      </ul>
      <form className="direct-line" onSubmit={submit}>
        <label className="picker">
          Lesson
          <select value={lesson} onChange={(event) => setLesson(event.target.value as LessonName)}>
            {LESSON_NAMES.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="picker">
          Port
          <input
            className="direct-field direct-port data"
            inputMode="numeric"
            value={port}
            onChange={(event) => setPort(event.target.value)}
          />
        </label>
        <button type="submit" className="button">
          Start it
        </button>
      </form>
      <DeedWords step={deed.step} />
    </Part>
  );
}
