/** Tabs over one panel: arrow keys move between them (WAI-ARIA Authoring Practices, tabs). */
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

export interface TabsProps<T extends string> {
  label: string;
  tabs: readonly { id: T; name: string }[];
  chosen: T;
  choose(id: T): void;
  /** Beside the tabs, at the right. */
  note?: ReactNode;
  children: ReactNode;
}

export function Tabs<T extends string>({
  label,
  tabs,
  chosen,
  choose,
  note,
  children,
}: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  const panel = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex(({ id }) => id === chosen);
    const to = target(event.key, at, tabs.length);
    const tab = tabs[to];
    if (!tab) return;
    event.preventDefault();
    choose(tab.id);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };
  return (
    <div className="tabs">
      <div className="tab-head">
        <div
          role="tablist"
          aria-label={label}
          className="tab-list"
          ref={list}
          onKeyDown={onKeyDown}
        >
          {tabs.map(({ id, name }) => (
            <button
              key={id}
              type="button"
              role="tab"
              className="tab"
              aria-selected={id === chosen}
              aria-controls={panel}
              tabIndex={id === chosen ? 0 : -1}
              onClick={() => choose(id)}
            >
              {name}
            </button>
          ))}
        </div>
        {note && <div className="tab-note about">{note}</div>}
      </div>
      <div
        role="tabpanel"
        id={panel}
        className="tab-panel"
        aria-label={tabs.find(({ id }) => id === chosen)?.name}
      >
        {children}
      </div>
    </div>
  );
}

/** Which tab a key leads to; -1 for a key that leads to none. */
export function target(key: string, at: number, count: number): number {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return -1;
  }
}
