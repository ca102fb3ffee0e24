/** The controls of a replay: play, step, seek, speed, pauses, and the way back. */
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { count } from "../model/format.ts";
import { type Replay, SPEEDS } from "../model/replay.ts";
import { useFrames, useValue } from "./use-store.ts";

export interface ReplayBarProps {
  talk: Dialogue;
  replay: Replay;
  /** Of the file. */
  name: string;
}

export default function ReplayBar({ talk, replay, name }: ReplayBarProps) {
  const play = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (replay) play.current?.focus();
  }, [replay]);
  const onKeyDown = (event: KeyboardEvent) => {
    const own = event.target instanceof HTMLElement && event.target.closest("button, select");
    if (event.key !== " " || own) return;
    event.preventDefault();
    replay.toggle();
  };
  return (
    <section className="replay" aria-label="Replay" data-region="replay" onKeyDown={onKeyDown}>
      <p className="replay-name" title={name}>
        <strong className="label">Recording</strong>{" "}
        <span className="data replay-file">{name}</span>
      </p>
      <div className="replay-buttons">
        <StepButton replay={replay} by={-1} />
        <PlayButton replay={replay} button={play} />
        <StepButton replay={replay} by={1} />
      </div>
      <Seek replay={replay} />
      <Where replay={replay} />
      <Speeds replay={replay} />
      <Pauses replay={replay} />
      <button type="button" className="button leave" onClick={() => talk.leave()}>
        Leave
        <span className="unseen"> the recording</span>
      </button>
    </section>
  );
}

function PlayButton({
  replay,
  button,
}: {
  replay: Replay;
  button: React.RefObject<HTMLButtonElement | null>;
}) {
  const playing = useValue(replay, () => replay.playing);
  const ended = useValue(replay, () => replay.ended);
  const face = playing ? "Pause" : ended ? "Play again" : "Play";
  return (
    <button
      ref={button}
      type="button"
      className="button main play"
      aria-label={face}
      data-region-focus=""
      onClick={() => replay.toggle()}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path d={playing ? "M3 2h3v12H3zM10 2h3v12h-3z" : "M3 1v14l11-7z"} fill="currentColor" />
      </svg>
      <span className="play-word">{playing ? "Pause" : "Play"}</span>
    </button>
  );
}

function StepButton({ replay, by }: { replay: Replay; by: 1 | -1 }) {
  const fed = useValue(replay, () => replay.fed);
  const label = by > 0 ? "One event forward" : "One event back";
  return (
    <button
      type="button"
      className="button quiet step"
      aria-label={label}
      title={label}
      // Still there when it can go no further, so that the focus does not fall off it.
      aria-disabled={by > 0 ? fed === replay.total : fed === 0}
      onClick={() => replay.step(by)}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d={by > 0 ? "M3 2v12l8-6zM12 2h2v12h-2z" : "M13 2v12L5 8zM2 2h2v12H2z"}
          fill="currentColor"
        />
      </svg>
    </button>
  );
}

/** In seconds; less than any time that is shown. */
const HAIR = 0.0005;

const seconds = (value: number) => `${value.toFixed(1)} s`;

function Seek({ replay }: { replay: Replay }) {
  const position = useValue(replay, () => replay.position);
  const duration = useValue(replay, () => replay.duration);
  const seek = (value: number) => {
    // A slider's value is decimal: its end can be a hair before the last event.
    replay.seek(value > duration - HAIR ? duration : value);
  };
  return (
    <input
      className="seek"
      type="range"
      min={0}
      max={duration}
      // Arrow keys then move by a hundredth of the whole.
      step="any"
      value={position}
      aria-label="Position in the recording"
      aria-valuetext={`${seconds(position)} of ${seconds(duration)}`}
      onChange={(event) => seek(Number(event.target.value))}
    />
  );
}

/** `100,000` */
const number = (value: number) => count(value, "", "").trimEnd();

function Where({ replay }: { replay: Replay }) {
  useFrames(replay);
  return (
    <p className="data replay-where">
      <span>{`${seconds(replay.position)} / ${seconds(replay.duration)}`}</span>
      <span className="calm">{`event ${number(replay.fed)} of ${number(replay.total)}`}</span>
    </p>
  );
}

function Speeds({ replay }: { replay: Replay }) {
  const speed = useValue(replay, () => replay.speed);
  return (
    <label className="picker">
      <span aria-hidden="true">Speed</span>
      <select
        aria-label="Speed"
        value={speed}
        onChange={(event) => {
          const chosen = SPEEDS.find((each) => each === Number(event.target.value));
          if (chosen) replay.setSpeed(chosen);
        }}
      >
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {`${each}×`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Pauses({ replay }: { replay: Replay }) {
  const shortened = useValue(replay, () => replay.shortened);
  return (
    <button
      type="button"
      className="button quiet pauses"
      aria-pressed={shortened}
      title="Pauses of more than a second last a second"
      onClick={() => replay.shorten(!shortened)}
    >
      Shorten pauses
    </button>
  );
}
