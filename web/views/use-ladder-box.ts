/** The room the ladder has: its width and height in units, and how many pixels a unit is: that goes by its text size. */
import { type RefObject, useLayoutEffect, useState } from "react";

export interface Box {
  width: number;
  height: number;
  /** Pixels of one unit, which is a pixel at the normal text size. */
  scale: number;
}

const NORMAL_PX = 16;

/** @returns null until the element has been measured. */
export function useLadderBox(element: RefObject<HTMLElement | null>): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useLayoutEffect(() => {
    const measured = element.current;
    if (!measured) return;
    const read = () => {
      const { clientWidth, clientHeight } = measured;
      // In a tab that is not shown nothing has a size: what was known stays true.
      if (clientWidth === 0) return;
      const scale = Number.parseFloat(getComputedStyle(measured).fontSize) / NORMAL_PX;
      const width = clientWidth / scale;
      const height = clientHeight / scale;
      setBox((before) =>
        before?.width === width && before.height === height && before.scale === scale
          ? before
          : { width, height, scale },
      );
    };
    read();
    const resized = new ResizeObserver(read);
    resized.observe(measured);
    const restyled = new MutationObserver(read);
    restyled.observe(document.documentElement, { attributeFilter: ["data-size"] });
    return () => {
      resized.disconnect();
      restyled.disconnect();
    };
  }, [element]);
  return box;
}
