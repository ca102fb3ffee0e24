/** The class of this page, for whatever view wants to know of it; most pages have none. */
import { createContext, useContext } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import { useValue } from "./use-store.ts";

export const ClassContext = createContext<Classroom | null>(null);

const none = { subscribe: () => () => {}, now: null };

/** What was said of the class last; null where there is none. */
export function useClass(): ClassNow | null {
  const classroom = useContext(ClassContext);
  return useValue(classroom ?? none, () => classroom?.now ?? null);
}

/** Whether the wall is for whoever sits here. */
export const seesWall = (now: ClassNow | null): boolean =>
  now?.role === "teacher" || now?.role === "watch";
