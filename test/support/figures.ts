/** Figures that a test measured, printed beside its result and kept in the report. */
import { test } from "@playwright/test";

export function report(what: string, figures: Readonly<Record<string, string | number>>): void {
  const rounded = Object.entries(figures).map(([name, value]) => {
    return `${name} ${typeof value === "number" ? Math.round(value * 100) / 100 : value}`;
  });
  const description = rounded.join(", ");
  test.info().annotations.push({ type: what, description });
  console.log(`  ${what}: ${description}`);
}
