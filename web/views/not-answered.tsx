/** In the place of the page while the gateway has not said whose it is. */
import type { Settings } from "../model/settings.ts";
import { useAppearance } from "./use-appearance.ts";
import { Wordmark } from "./wordmark.tsx";

export function NotAnswered({ settings }: { settings: Settings }) {
  useAppearance(settings, null);
  return (
    <main className="door">
      <Wordmark />
      <div role="status">
        <h2>The gateway does not answer.</h2>
        <p className="about">
          Check that this device is in the network of the gateway. This page asks again by itself.
        </p>
      </div>
    </main>
  );
}
