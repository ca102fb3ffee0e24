/** The lab's rows about typing: lines or keys, whether keys are shown, and what a line's text means. */

import type { Dialogue } from "../model/dialogue.ts";
import type { LineForm } from "../model/escapes.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { Pair, Row } from "./lab-parts.tsx";
import { TypingSwitch } from "./typing-switch.tsx";
import { useValue } from "./use-store.ts";

export function LabTyping({ talk, pane }: { talk: Dialogue; pane: TerminalPane | null }) {
  const { typing, echo, form } = useValue(talk.lab, () => talk.lab.choices);
  const isRaw = typing === "raw";
  return (
    <>
      <h3 className="label">What you type</h3>
      <Row
        about="Raw sends every key as you press it, Ctrl-C too. Enter is CR, or what “Enter adds” says. Ctrl-] changes over."
        man="termios(3)"
      >
        {(about) => (
          <div className="lab-pair">
            <span aria-hidden="true">Typing</span>
            <TypingSwitch talk={talk} pane={pane} describedBy={about} />
          </div>
        )}
      </Row>
      <Row
        about="Raw: shows your keys here. Off, when the other end sends them back."
        man="telnet(1)"
      >
        {(about) => (
          <Pair
            legend="Echo"
            options={echoes}
            chosen={echo ? "on" : "off"}
            choose={(value) => talk.lab.choose({ echo: value === "on" })}
            disabled={!isRaw}
            describedBy={about}
          />
        )}
      </Row>
      <Row about={forms.find(({ value }) => value === form)?.about ?? ""} man="ascii(7)">
        {(about) => (
          <Pair
            legend="A line"
            options={forms}
            chosen={form}
            choose={(value) => talk.lab.choose({ form: value })}
            disabled={isRaw}
            describedBy={about}
          />
        )}
      </Row>
    </>
  );
}

const echoes = [
  { value: "on", name: "on" },
  { value: "off", name: "off" },
] as const;

const forms: readonly { value: LineForm; name: string; about: string }[] = [
  { value: "text", name: "Text", about: "A line is sent as it stands, in UTF-8." },
  {
    value: "escapes",
    name: "Escapes",
    about: "In a line \\x00, \\n, \\r, \\t, \\\\ and \\u00e9 become bytes, as in Python.",
  },
  { value: "hex", name: "Hex", about: "A line is pairs of hexadecimal digits: 48 65 6c 6c 6f." },
];
