/** Who of the class listens, and what else a student may reach: one press connects. */
import type { ClassNow } from "../../shared/classroom.ts";
import { listeners } from "../model/in-class.ts";
import type { Student } from "../model/student.ts";
import { Menu } from "./menu.tsx";
import { inFront } from "./use-regions.ts";

export function Directory({ student, now }: { student: Student; now: ClassNow }) {
  const listening = listeners(now);
  const others = listening.filter(({ own }) => !own);
  const connect = (address: string) => {
    if (!student.connect(address)) return;
    window.location.hash = "#talk";
    // What was pressed is gone with the menu. On a phone the keyboard would come up over the wire.
    if (matchMedia("(pointer: coarse)").matches) return;
    requestAnimationFrame(() => inFront(".terminal-slot textarea")?.focus());
  };
  return (
    <Menu
      label={`Who listens ${others.length}`}
      face={<Face count={others.length} />}
      className="button quiet class-listens"
    >
      {(shut) => {
        const go = (address: string) => {
          shut();
          connect(address);
        };
        return (
          <div className="directory">
            <h2 className="label">Who listens</h2>
            {listening.length === 0 && (
              <p className="about">Nobody yet. Whoever listens on Serve stands here.</p>
            )}
            <ul className="server-list">
              {listening.map(({ name, address, port, own }) => (
                <li key={address}>
                  <Way address={address} go={own ? null : go}>
                    {own ? `You listen on ${port}` : `${name} listens on ${port}`}
                  </Way>
                </li>
              ))}
            </ul>
            <h2 className="label">What else you may reach</h2>
            <ul className="server-list">
              {now.targets.map(({ name, address, about }) => (
                <li key={address}>
                  <Way address={address} about={about} go={go}>
                    {name}
                  </Way>
                </li>
              ))}
            </ul>
            <p className="about">Nothing else: your teacher can add more.</p>
          </div>
        );
      }}
    </Menu>
  );
}

function Face({ count }: { count: number }) {
  return (
    <>
      Who listens
      <span className="data">{count}</span>
    </>
  );
}

interface WayProps {
  address: string;
  about?: string;
  /** Null: it leads to the page's own end. */
  go: ((address: string) => void) | null;
  children: string;
}

function Way({ address, about = "", go, children }: WayProps) {
  const words = (
    <>
      <span className="label">{children}</span>
      <span className="data">{address}</span>
      {about !== "" && <span className="about">{about}</span>}
    </>
  );
  if (!go) return <p className="own-way">{words}</p>;
  return (
    <button type="button" onClick={() => go(address)}>
      {words}
    </button>
  );
}
