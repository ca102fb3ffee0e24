/** The head of the wall: how to join, in letters that the last row can read, and how many are in what. */
import type { CSSProperties, ReactNode } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Desk } from "../model/desk.ts";
import type { Settings } from "../model/settings.ts";
import type { Wall } from "../model/wall.ts";
import { QrCode } from "./class-qr.tsx";
import { SignShown } from "./class-row.tsx";
import { ScreenLinks, SizeSwitch, ThemeSwitch } from "./header.tsx";
import { Menu } from "./menu.tsx";
import { StatePattern } from "./state-chip.tsx";
import { useValue } from "./use-store.ts";
import { Wordmark } from "./wordmark.tsx";

export interface ClassHeadProps {
  now: ClassNow;
  wall: Wall;
  desk: Desk;
  settings: Settings;
}

export function ClassHead({ now, wall, desk, settings }: ClassHeadProps) {
  const door = now.teacher ?? now.door;
  const shown = door ? shortUrl(door.url) : "";
  return (
    <header className="class-head">
      {door && <QrCode text={door.joinUrl} label={`QR code of ${door.joinUrl}`} />}
      <div className="class-where">
        <ScreensMenu teaches={now.role === "teacher"} desk={desk} settings={settings} />
        {door && (
          <p className="class-url data" style={letters(shown)}>
            {shown}
          </p>
        )}
        <p className="class-how">Open this in any browser, type the code.</p>
      </div>
      {door && <Code code={door.code} locked={now.locked} />}
      <CountsTable wall={wall} />
    </header>
  );
}

/** As it is typed: browsers add http:// themselves, and nobody types the last slash. */
function shortUrl(url: string): string {
  return url.replace(/^http:\/\//, "").replace(/\/$/, "");
}

const letters = (text: string) => ({ "--letters": text.length }) as CSSProperties;

function Code({ code, locked }: { code: string; locked: boolean }) {
  return (
    <div className="class-code" data-locked={locked ? "" : undefined}>
      <p className="class-code-name">
        Class code
        {locked && <strong className="class-flag">Joining is locked</strong>}
      </p>
      <p className="class-code-letters data">
        {code.split(" ").map((part, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two halves may be the same.
          <span key={i}>{i > 0 ? ` ${part}` : part}</span>
        ))}
      </p>
    </div>
  );
}

interface ScreensMenuProps {
  teaches: boolean;
  desk: Desk;
  settings: Settings;
}

/** The wordmark opens what every other screen has in its head: a projector shows nothing that is not for the class. */
function ScreensMenu({ teaches, desk, settings }: ScreensMenuProps) {
  return (
    <Menu
      label="Wireside: screens, text size and theme"
      face={<Wordmark />}
      className="class-mark"
      region="settings"
    >
      {(shut) => (
        <div className="class-screens">
          {teaches && <ScreenLinks desk={desk} onGo={shut} />}
          <SizeSwitch settings={settings} />
          <ThemeSwitch settings={settings} />
        </div>
      )}
    </Menu>
  );
}

function CountsTable({ wall }: { wall: Wall }) {
  const { joined, connected, over, failed, unanswered } = useValue(wall, () => wall.counts);
  return (
    <dl className="class-counts" aria-label="The class in numbers">
      <CountRow name="joined" value={joined} />
      <CountRow name="connected" value={connected}>
        <StatePattern state="ESTABLISHED" />
      </CountRow>
      <CountRow name="closing or closed" value={over}>
        <StatePattern state="CLOSE_WAIT" />
      </CountRow>
      <CountRow name={unanswered > 0 ? "refused or failed" : "refused"} value={failed}>
        <SignShown sign="cross" />
      </CountRow>
    </dl>
  );
}

function CountRow({
  name,
  value,
  children,
}: {
  name: string;
  value: number;
  children?: ReactNode;
}) {
  return (
    <div>
      <dt>
        {children}
        {name}
      </dt>
      <dd className="data">{value}</dd>
    </div>
  );
}
