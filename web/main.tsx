/** The page's start: access code, link, settings, the conversation, and the screen. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { WIRE_PATH } from "../shared/bounds.ts";
import { presentCode, takeFragmentCode } from "./access.ts";
import { Link } from "./link.ts";
import { Desk } from "./model/desk.ts";
import { bringBack } from "./model/kept.ts";
import { readPlace } from "./model/place.ts";
import { Settings } from "./model/settings.ts";
import "./theme/theme.css";
import { App } from "./views/app.tsx";

const code = takeFragmentCode(window.location, window.history);

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
  const url = new URL(WIRE_PATH, document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url.href;
}

/**
 * The first conversation starts by itself, so that a newcomer just types. Not with the address of a
 * link, which somebody else has chosen, and not where the page begins with another screen.
 */
function connectOnce(link: Link, desk: Desk, settings: Settings): void {
  const unsubscribe = link.subscribe(() => {
    if (link.status.phase !== "live") return;
    unsubscribe();
    const talk = desk.current;
    if (talk.conversation || desk.screen !== "talk" || desk.linkedTo(talk)) return;
    talk.connect(settings.lastAddress ?? link.status.servers[0]?.address ?? talk.addressText);
  });
}

const settings = new Settings(storage("localStorage"), storage("sessionStorage"));
const link = new Link({ url: wireUrl() });
const desk = new Desk(link, settings);
desk.go(readPlace(window.location.hash));
connectOnce(link, desk, settings);
link.onReturn(bringBack(desk, () => import("./model/serve.ts")));

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root element");
createRoot(root).render(
  <StrictMode>
    <App
      desk={desk}
      settings={settings}
      gateway={link}
      presentCode={(typed) => presentCode(typed, document.baseURI)}
    />
  </StrictMode>,
);

// A wrong code in the address is not lost: the gateway refuses the link, and the page asks for it.
if (code !== null) await presentCode(code, document.baseURI);
link.start();
