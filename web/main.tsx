/** The page's start: access code, link, settings, the conversation, and the screen. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { WIRE_PATH } from "../shared/bounds.ts";
import { presentCode, takeFragmentCode } from "./access.ts";
import { Link } from "./link.ts";
import { Settings } from "./model/settings.ts";
import { Talk } from "./model/talk.ts";
import "./theme/theme.css";
import { App } from "./views/app.tsx";

const code = takeFragmentCode(window.location, window.history);

/** Web Storage, or null where the browser forbids it: choices then last as long as the page. */
function storage(): Storage | null {
  try {
    return window.localStorage;
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

/** The first conversation starts by itself, so that a newcomer just types. */
function connectOnce(link: Link, talk: Talk, settings: Settings): void {
  const unsubscribe = link.subscribe(() => {
    if (link.status.phase !== "live") return;
    unsubscribe();
    if (talk.conversation) return;
    talk.connect(settings.lastAddress ?? link.status.servers[0]?.address ?? talk.addressText);
  });
}

const settings = new Settings(storage());
const link = new Link({ url: wireUrl() });
const talk = new Talk(link, settings);
connectOnce(link, talk, settings);

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root element");
createRoot(root).render(
  <StrictMode>
    <App
      talk={talk}
      settings={settings}
      gateway={link}
      presentCode={(typed) => presentCode(typed, document.baseURI)}
    />
  </StrictMode>,
);

// A wrong code in the address is not lost: the gateway refuses the link, and the page asks for it.
if (code !== null) await presentCode(code, document.baseURI);
link.start();
