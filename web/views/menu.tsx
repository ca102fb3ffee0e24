/** A button that opens a panel under it; Esc, a click elsewhere, or focus elsewhere shuts it. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";

export interface MenuProps {
  /** The button's accessible name. */
  label: string;
  /** What the button shows. */
  face: ReactNode;
  className?: string;
  /** Set when F6 stops at this button. */
  region?: string;
  children(shut: () => void): ReactNode;
}

export function Menu({ label, face, className = "button quiet", region, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
      document.removeEventListener("keydown", onKey);
    };
  }, [open]);
  return (
    <div className="menu" ref={root} data-region={region}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        data-region-focus={region}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      {open && (
        <section className="menu-panel" id={id} aria-label={label}>
          {children(() => setOpen(false))}
        </section>
      )}
    </div>
  );
}
