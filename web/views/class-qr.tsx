/** A QR code as one path on white, whatever the theme: cameras want dark on light, and a quiet edge around it. */
import { useMemo } from "react";
import { encode } from "uqr";

/** Modules that stay empty around the code (ISO/IEC 18004 section 9.1). */
const QUIET = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => modules(text), [text]);
  return (
    <svg className="class-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path className="class-qr-dark" d={path} />
    </svg>
  );
}

/** Runs of dark modules, row by row. */
function modules(text: string): { size: number; path: string } {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  let path = "";
  for (const [y, row] of data.entries()) {
    for (let x = 0; x < size; x++) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x++;
      const length = x + 1 - start;
      path += `M${start} ${y}h${length}v1h-${length}z`;
    }
  }
  return { size, path };
}
