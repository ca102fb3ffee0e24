/** The rows of the lab: a control, what it does in a line, and where to read up on it. */
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { type Field, readField } from "../model/lab.ts";

export interface RowProps {
  about: string;
  /** Manual page. */
  man: string;
  /** Asked for, and not confirmed by the gateway yet. */
  pending?: boolean;
  /** Gets the id of the explanation, for `aria-describedby`. */
  children(about: string): ReactNode;
}

export function Row({ about, man, pending = false, children }: RowProps) {
  const id = useId();
  return (
    <div className="lab-row">
      <div className="lab-control">
        {children(id)}
        {pending && <span className="lab-asked">asked for</span>}
      </div>
      <p className="about" id={id}>
        {`${about} `}
        <cite className="data">{man}</cite>
      </p>
    </div>
  );
}

export interface NumberFieldProps {
  field: Field;
  label: string;
  unit: string;
  /** Null shows the placeholder. */
  value: number | null;
  placeholder?: string;
  disabled?: boolean;
  describedBy: string;
  /** F6 comes to it. */
  isEntry?: boolean;
  commit(value: number | null): void;
}

/** A number that counts with Enter, or when the field is left; a wrong one stays and is explained. */
export function NumberField(props: NumberFieldProps) {
  const { field, label, unit, value, placeholder, disabled, describedBy, commit } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const id = useId();
  const text = draft ?? (value === null ? "" : `${value}`);
  const read = readField(field, text);
  const wrong = "wrong" in read ? read.wrong : null;
  const finish = () => {
    if (draft === null || "wrong" in read) return;
    setDraft(null);
    if (read.value !== value) commit(read.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") finish();
    if (event.key !== "Escape" || draft === null) return;
    event.stopPropagation();
    setDraft(null);
  };
  return (
    <div className="lab-field">
      <label htmlFor={id} id={`${id}-label`}>
        {label}
      </label>
      <input
        id={id}
        className="data"
        type="text"
        inputMode="numeric"
        autoComplete="off"
        size={6}
        value={text}
        placeholder={placeholder}
        disabled={disabled}
        data-region-focus={props.isEntry ? "" : undefined}
        aria-labelledby={`${id}-label ${id}-unit`}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={finish}
        onKeyDown={onKeyDown}
        aria-invalid={wrong !== null}
        aria-describedby={wrong ? `${id}-wrong ${describedBy}` : describedBy}
      />
      <span id={`${id}-unit`}>{unit}</span>
      {wrong && (
        <span className="lab-wrong wrong" id={`${id}-wrong`} role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

export interface PairProps<T extends string> {
  legend: string;
  options: readonly { value: T; name: string }[];
  chosen: T;
  choose(value: T): void;
  disabled?: boolean;
  describedBy?: string;
}

/** Two or three buttons of which one is pressed. */
export function Pair<T extends string>(props: PairProps<T>) {
  const { legend, options, chosen, choose, disabled, describedBy } = props;
  return (
    <div className="lab-pair">
      <span aria-hidden="true">{legend}</span>
      <fieldset className="switch" disabled={disabled} aria-describedby={describedBy}>
        <legend className="unseen">{legend}</legend>
        {options.map(({ value, name }) => (
          <button
            key={value}
            type="button"
            aria-pressed={value === chosen}
            aria-label={`${legend}: ${name}`}
            onClick={() => choose(value)}
          >
            {name}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
