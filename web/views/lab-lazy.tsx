/** The lab of a dialogue, loaded when somebody opens it for the first time. */
import { lazy, Suspense } from "react";
import type { LabProps } from "./lab.tsx";
import { orNotLoaded } from "./not-loaded.tsx";

const LabPanel = lazy(() => orNotLoaded<LabProps>(import("./lab.tsx")));

export function Lab(props: LabProps) {
  return (
    <Suspense fallback={<div className="lab" aria-busy="true" />}>
      <LabPanel {...props} />
    </Suspense>
  );
}
