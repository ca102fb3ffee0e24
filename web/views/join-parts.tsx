/** What the door of a class says: who will see what is typed, and why somebody cannot come in. */
import { useEffect, useState } from "react";
import type { AuthNow } from "../../shared/classroom.ts";
import { type JoinWords, keptWords } from "../model/join.ts";
import { EyeSign } from "./class-signs.tsx";

export function Seen({ id, about }: { id: string; about: NonNullable<AuthNow["class"]> }) {
  return (
    <div className="seen" id={id}>
      <EyeSign />
      <p>
        <strong>Your teacher sees everything you type and receive here.</strong>{" "}
        {keptWords(about.keeps, about.keepMs)}
      </p>
      <Offline />
    </div>
  );
}

export function Why({ id, words }: { id: string; words: JoinWords }) {
  return (
    <p id={id} className="wrong" role="alert">
      {words.headline} <span className="what-to-do">{words.text}</span>
    </p>
  );
}

/** The browser itself knows that there is no network. */
function Offline() {
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const read = () => setOffline(!navigator.onLine);
    window.addEventListener("online", read);
    window.addEventListener("offline", read);
    return () => {
      window.removeEventListener("online", read);
      window.removeEventListener("offline", read);
    };
  }, []);
  return (
    <p role="status" className="offline">
      {offline && "This device is in no network now. Join when it is back: what you typed is kept."}
    </p>
  );
}
