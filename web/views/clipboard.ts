/** Copying text, also where there is no clipboard of the new kind. */

/** @returns whether the browser let the page copy. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Forbidden, or the page has not the focus: the older way may still be open.
  }
  return byCommand(text);
}

/** The way that also works on plain HTTP, where a classroom often is. */
function byCommand(text: string): boolean {
  const onCopy = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", onCopy, true);
  try {
    return document.execCommand("copy");
  } finally {
    document.removeEventListener("copy", onCopy, true);
  }
}
