/** In the place of a part of the page that could not be loaded: the gateway may be gone. */
import type { ComponentType } from "react";

export function NotLoaded() {
  return (
    <p className="notice" role="alert">
      This part of the page could not be loaded. Load the page again when the gateway is back.
    </p>
  );
}

/** For `lazy`: what was asked for, or the words that it is not there. */
export function orNotLoaded<Props>(
  loading: Promise<{ default: ComponentType<Props> }>,
): Promise<{ default: ComponentType<Props> }> {
  return loading.catch(() => ({ default: NotLoaded }));
}
