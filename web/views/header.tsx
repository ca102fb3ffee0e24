/** The top line: the name, the screen, size and theme, settings. */
import type { Settings } from "../model/settings.ts";
import { SettingsMenu } from "./settings-menu.tsx";
import { useTheme } from "./use-appearance.ts";
import { useValue } from "./use-store.ts";
import { Wordmark } from "./wordmark.tsx";

export function Header({ settings }: { settings: Settings }) {
  return (
    <header className="head">
      <Wordmark />
      <p className="screen-name" aria-current="page">
        Talk
      </p>
      <div className="head-tools">
        <SizeSwitch settings={settings} />
        <ThemeSwitch settings={settings} />
        <SettingsMenu settings={settings} />
      </div>
    </header>
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
