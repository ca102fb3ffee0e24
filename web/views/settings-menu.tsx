/** The settings: the client's manners, the screen reader mode, appearance, and the keys that help. */
import type { ReactNode } from "react";
import type { Desk } from "../model/desk.ts";
import type { Settings } from "../model/settings.ts";
import { ScreenLinks, SizeSwitch, ThemeSwitch } from "./header.tsx";
import { Menu } from "./menu.tsx";
import { useValue } from "./use-store.ts";

export interface SettingsMenuProps {
  settings: Settings;
  desk: Desk;
}

export function SettingsMenu({ settings, desk }: SettingsMenuProps) {
  return (
    <Menu
      label="Settings"
      face={<SettingsFace />}
      className="button quiet settings"
      region="settings"
    >
      {(shut) => <SettingsPanel settings={settings} desk={desk} shut={shut} />}
    </Menu>
  );
}

function SettingsFace() {
  return (
    <>
      <span className="settings-word">Settings</span>
      <svg className="settings-bars" width="24" height="20" viewBox="0 0 24 20" aria-hidden="true">
        <path d="M1 4h22M1 16h22" stroke="currentColor" strokeWidth="2.5" />
      </svg>
    </>
  );
}

function SettingsPanel({ settings, desk, shut }: SettingsMenuProps & { shut(): void }) {
  const choices = useValue(settings, () => settings.choices);
  return (
    <>
      <div className="settings-screens">
        <ScreenLinks desk={desk} onGo={shut} />
        <button
          type="button"
          className="button quiet"
          disabled={!desk.hasRoom}
          onClick={() => {
            shut();
            window.location.hash = "#talk";
            desk.add();
          }}
        >
          New conversation
        </button>
      </div>
      <div className="settings-switches">
        <SizeSwitch settings={settings} />
        <ThemeSwitch settings={settings} />
      </div>
      <Choice
        checked={choices.theme === "system"}
        onChange={(on) => settings.choose({ theme: on ? "system" : currentTheme() })}
        title="Follow the system's theme"
      >
        Board is dark, Pad is light.
      </Choice>
      <Choice
        checked={choices.hangUpToo}
        onChange={(hangUpToo) => settings.choose({ hangUpToo })}
        title="Hang up when the server does"
      >
        Off, your end stays open in CLOSE_WAIT until you close it.
      </Choice>
      <Choice
        checked={choices.screenReader}
        onChange={(screenReader) => settings.choose({ screenReader })}
        title="Screen reader mode of the terminal"
      >
        Lines of the terminal are read out as they appear.
      </Choice>
      <Keys />
    </>
  );
}

function currentTheme(): "board" | "pad" {
  return document.documentElement.dataset.theme === "pad" ? "pad" : "board";
}

interface ChoiceProps {
  checked: boolean;
  onChange(checked: boolean): void;
  title: string;
  children: ReactNode;
}

function Choice({ checked, onChange, title, children }: ChoiceProps) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} onChange={(e) => onChange(e.target.checked)} />
      <span>{title}</span>
      <span className="about">{children}</span>
    </label>
  );
}

const keys = [
  ["F6", "next part of the page"],
  ["Enter", "send the line"],
  ["↑ ↓", "lines sent before"],
  ["Ctrl-D", "on an empty line: end your direction"],
  ["Ctrl-C", "drop the line; also stops a long send"],
  ["Ctrl-L", "clear the screen"],
  ["Ctrl-]", "raw mode: every key is sent; and back"],
  ["F8", "next conversation; with Shift the one before"],
  ["Alt-N", "new conversation"],
  ["Alt-A", "on Serve: accept()"],
  ["Ctrl-V", "paste; asks before several lines are sent"],
] as const;

function Keys() {
  return (
    <dl className="keys">
      {keys.map(([key, does]) => (
        <div key={key}>
          <dt className="data">{key}</dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
