/** What the views ask of the link: to follow it, and to try again now. */
import type { Carrier } from "../model/carrier.ts";

export interface Gateway extends Carrier {
  /** Tries again at once, whatever stopped it. */
  retry(): void;
}
