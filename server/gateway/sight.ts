/** What can be seen of a connection besides its bytes. */
import type { Observer } from "../observe.ts";
import type { Kernel } from "../sockets/kernel.ts";

export interface Sight {
  /** What programs of this process do with their sockets. */
  readonly observer: Observer;
  /** null: this system's kernel cannot be asked. */
  readonly kernel: Kernel | null;
}
