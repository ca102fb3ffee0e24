/** Somebody's words, in which calls and bytes look like code: `recv()`, `b''`, and what stands in backticks. */

/** Calls with whatever is in their brackets, bytes as Python writes them, and quoted code. */
const CODE = /(\b\w+\([^()]*\)|\bb'[^']*'|\bb"[^"]*"|`[^`]+`)/;

export function WordsWithCode({ text }: { text: string }) {
  return text.split(CODE).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the words do not change places.
      <code key={index} className="data">
        {part.replace(/^`(.*)`$/, "$1")}
      </code>
    ),
  );
}
