/** The page's desk, for parts that others place and give nothing. */
import { createContext } from "react";
import type { Desk } from "../model/desk.ts";

export const DeskContext = createContext<Desk | null>(null);
