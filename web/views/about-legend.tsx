/** How to read the drawing: its signs, and what each of them says. */
import type { ReactNode } from "react";

interface Sign {
  name: string;
  says: string;
  tone: "out" | "in" | "plain" | "wrong";
  draw: ReactNode;
}

const signs: readonly Sign[] = [
  {
    name: "To the server",
    says: "A band is bytes on their way: the thicker, the more. The block at each end is a call, send or recv.",
    tone: "out",
    draw: (
      <g>
        <path d="M0 2h5v12H0z" fill="currentColor" />
        <path d="M9 3h19v10H9z" fill="currentColor" fillOpacity="0.3" />
        <path d="M28 2l9 6-9 6z" fill="currentColor" />
      </g>
    ),
  },
  {
    name: "To the client",
    says: "The same the other way: open head, hollow block.",
    tone: "in",
    draw: (
      <g fill="none" stroke="currentColor" strokeWidth="1.5">
        <path d="M1 2h4v12H1z" />
        <path d="M18 3h19v10H18z" fill="currentColor" fillOpacity="0.2" />
        <path d="M18 2l-9 6 9 6z" />
      </g>
    ),
  },
  {
    name: "Solid",
    says: "Observed: a call on a socket, or what the kernel said of it.",
    tone: "plain",
    draw: <path d="M0 8h40" stroke="currentColor" strokeWidth="2" />,
  },
  {
    name: "Dashed",
    says: "Worked out: a packet that must have been there. Nobody here watches packets.",
    tone: "plain",
    draw: <path d="M0 8h40" stroke="currentColor" strokeWidth="2" strokeDasharray="6 4" />,
  },
  {
    name: "Hollow",
    says: "Not visible from here: the other end, where its program is none of Wireside's own.",
    tone: "plain",
    draw: <path d="M14 0v16M26 0v16" stroke="currentColor" strokeWidth="1.5" />,
  },
  {
    name: "FIN",
    says: "That end hung up: nothing more comes in this direction.",
    tone: "in",
    draw: <path d="M3 2v12M8 2v12M12 8h28" stroke="currentColor" strokeWidth="2" />,
  },
  {
    name: "RST",
    says: "Refused, or torn down: both directions end at once.",
    tone: "wrong",
    draw: <path d="M13 1l14 14M27 1L13 15" stroke="currentColor" strokeWidth="2.5" />,
  },
  {
    name: "Break",
    says: "Time in which nothing happened, left out.",
    tone: "plain",
    draw: (
      <g fill="none" stroke="currentColor" strokeWidth="1.5">
        <path d="M6 5h10l3-3 4 6 3-3h8" />
        <path d="M6 11h10l3-3 4 6 3-3h8" />
      </g>
    ),
  },
];

export function Legend() {
  return (
    <div className="legend">
      <p>Time runs down. The client is on the left, the server on the right.</p>
      <dl>
        {signs.map(({ name, says, tone, draw }) => (
          <div key={name}>
            <dt>
              <svg
                className={`legend-${tone}`}
                width="40"
                height="16"
                viewBox="0 0 40 16"
                aria-hidden="true"
              >
                {draw}
              </svg>
              {name}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p>
        Choose a message, a state or a mark beside the terminal, and you see its bytes, or what it
        means. With keys: F6 goes to the next part of the page, the arrows from line to line, Enter
        to the bytes.
      </p>
    </div>
  );
}
