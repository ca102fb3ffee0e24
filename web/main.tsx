/** The page's start: who looks at it, link, settings, the conversations, and the screen. */
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { WIRE_PATH } from "../shared/bounds.ts";
import type { ClassRole } from "../shared/classroom.ts";
import {
  askAuth,
  askAuthUntilKnown,
  joinClass,
  presentCode,
  presentCodeUntilAnswered,
  takeFragmentCode,
} from "./access.ts";
import { Link } from "./link.ts";
import { Classroom } from "./model/classroom.ts";
import { Desk } from "./model/desk.ts";
import { bringBack } from "./model/kept.ts";
import { readPlace, screensOf } from "./model/place.ts";
import { forgetTyped, Settings } from "./model/settings.ts";
import { Student } from "./model/student.ts";
import "./theme/theme.css";
import { App } from "./views/app.tsx";
import type { JoinProps } from "./views/join.tsx";
import { NotAnswered } from "./views/not-answered.tsx";
import { orNotLoaded } from "./views/not-loaded.tsx";

const Join = lazy(() => orNotLoaded<JoinProps>(import("./views/join.tsx")));

const secret = takeFragmentCode(window.location, window.history);
const joinCode = takeFragmentCode(window.location, window.history, "join");
const base = document.baseURI;

/** Web Storage, or null where the browser forbids it: choices then last as long as the page. */
function storage(which: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[which];
  } catch {
    return null;
  }
}

/** The endpoint beside the page, whatever path the page is served under. */
function wireUrl(): string {
  const url = new URL(WIRE_PATH, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url.href;
}

const storages = [storage("localStorage"), storage("sessionStorage")] as const;
const settings = new Settings(...storages);
const element = document.getElementById("root");
if (!element) throw new Error("the page has no #root element");
const root = createRoot(element);

/** Who this browser is, once it is somebody: where there is a class, a newcomer joins it first. */
async function comeIn(): Promise<ClassRole> {
  const unanswered = () => root.render(<NotAnswered settings={settings} />);
  // A wrong code is not lost: the page asks for a right one.
  const wrong = secret === null ? null : await presentCodeUntilAnswered(secret, base, unanswered);
  const { class: about } = await askAuthUntilKnown(base, unanswered);
  if (!about) return "owner";
  const { role } = about;
  if (role) return role;
  const trouble = wrong === null ? "" : `The link you opened did not let you in. ${wrong}`;
  return new Promise((resolve) => {
    root.render(
      <StrictMode>
        <Suspense fallback={null}>
          <Join
            {...{ settings, trouble }}
            classNow={about}
            code={joinCode ?? ""}
            join={(code, name) => joinClass(code, name, base)}
            ask={async () => (await askAuth(base))?.class ?? null}
            joined={() => {
              // On a school's machine somebody else sat here before.
              forgetTyped(storages);
              resolve("student");
            }}
          />
        </Suspense>
      </StrictMode>,
    );
  });
}

/**
 * The first conversation starts by itself, so that a newcomer just types. Not with the address of a
 * link, which somebody else has chosen, and not where the page begins with another screen.
 */
function connectOnce(link: Link, desk: Desk): void {
  const unsubscribe = link.subscribe(() => {
    if (link.status.phase !== "live") return;
    unsubscribe();
    const talk = desk.current;
    if (talk.conversation || desk.screen !== "talk" || desk.linkedTo(talk)) return;
    talk.connect(settings.lastAddress ?? link.status.servers[0]?.address ?? talk.addressText);
  });
}

async function begin(): Promise<void> {
  const role = await comeIn();
  const link = new Link({ url: wireUrl() });
  const desk = new Desk(link, settings, screensOf[role]);
  desk.go(readPlace(window.location.hash, desk.screens[0]));
  // A student's page that is loaded anew has its connections back.
  link.onReturn(bringBack(desk, () => import("./model/serve.ts")));
  const classroom = new Classroom(link);
  const student = role === "student" ? new Student(classroom, desk, settings) : null;
  // A student's first conversation begins with what the class says.
  if (!student) connectOnce(link, desk);
  root.render(
    <StrictMode>
      <App
        {...{ desk, settings, classroom, student, role }}
        gateway={link}
        presentCode={(typed) => presentCode(typed, base)}
      />
    </StrictMode>,
  );
  link.start();
}

// Not awaited here: what is loaded later is made of this module, and would wait for it.
void begin();
