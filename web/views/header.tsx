/** The top line: the name, the screens, size and theme, settings. */
import type { Desk } from "../model/desk.ts";
import type { ScreenId } from "../model/place.ts";
import type { Serve } from "../model/serve.ts";
import type { Settings } from "../model/settings.ts";
import { SettingsMenu } from "./settings-menu.tsx";
import { useTheme } from "./use-appearance.ts";
import { useFrames, useValue } from "./use-store.ts";
import { Wordmark } from "./wordmark.tsx";

export function Header({ settings, desk }: { settings: Settings; desk: Desk }) {
  return (
    <header className="head">
      <Wordmark />
      <ScreenLinks desk={desk} />
      <div className="head-tools">
        <SizeSwitch settings={settings} />
        <ThemeSwitch settings={settings} />
        <SettingsMenu settings={settings} desk={desk} />
      </div>
    </header>
  );
}

const screens: readonly (readonly [ScreenId, string])[] = [
  ["talk", "Talk"],
  ["serve", "Serve"],
  ["class", "Class"],
];

/** Links, so that the browser's Back leads to the screen before. */
export function ScreenLinks({ desk, onGo }: { desk: Desk; onGo?: () => void }) {
  const screen = useValue(desk, () => desk.screen);
  const serve = useValue(desk, () => desk.serve);
  return (
    <nav className="screens" aria-label="Screens">
      {screens
        .filter(([id]) => desk.screens.includes(id))
        .map(([id, name]) => (
          <a
            key={id}
            className="screen-name"
            href={`#${id}`}
            aria-current={id === screen ? "page" : undefined}
            onClick={onGo}
          >
            {name}
            {id === "serve" && screen !== "serve" && serve && <Waiting serve={serve} />}
          </a>
        ))}
    </nav>
  );
}

/** Somebody waits on the other screen: at the door, or for an answer. */
function Waiting({ serve }: { serve: Serve }) {
  useFrames(serve);
  const owed = serve.visits.filter(({ owesSince }) => owesSince !== null).length;
  const waiting = serve.door.waiting.length + owed;
  if (waiting === 0) return null;
  return (
    <>
      <span className="owed" aria-hidden="true" />
      <span className="unseen">, {waiting} waiting</span>
    </>
  );
}

export function SizeSwitch({ settings }: { settings: Settings }) {
  const large = useValue(settings, () => settings.choices.large);
  const choose = (value: boolean) => settings.choose({ large: value });
  return (
    <fieldset className="switch size-switch">
      <legend className="unseen">Text size</legend>
      <button
        type="button"
        aria-pressed={!large}
        aria-label="Normal text"
        onClick={() => choose(false)}
      >
        A
      </button>
      <button
        type="button"
        aria-pressed={large}
        aria-label="Large text"
        onClick={() => choose(true)}
      >
        <span className="large-a">A</span>
      </button>
    </fieldset>
  );
}

export function ThemeSwitch({ settings }: { settings: Settings }) {
  const theme = useTheme(settings);
  return (
    <fieldset className="switch">
      <legend className="unseen">Theme</legend>
      <button
        type="button"
        aria-pressed={theme === "board"}
        aria-label="Board, dark"
        onClick={() => settings.choose({ theme: "board" })}
      >
        Board
      </button>
      <button
        type="button"
        aria-pressed={theme === "pad"}
        aria-label="Pad, light"
        onClick={() => settings.choose({ theme: "pad" })}
      >
        Pad
      </button>
    </fieldset>
  );
}
