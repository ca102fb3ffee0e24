/** Breaks our own sentences between words; a peer's output is never broken but by the screen's edge. */

/** A sequence that selects a colour takes no column. */
const COLOUR = /^\x1b\[[0-9;]*m/;

/**
 * The text with line breaks between words, for rows of `columns`. Words longer than a row are left to
 * the terminal.
 */
export function breakWords(text: string, columns: number): string {
  const colour = COLOUR.exec(text)?.[0] ?? "";
  const rows: string[] = [];
  let row = "";
  for (const word of text.slice(colour.length).split(" ")) {
    const longer = row === "" ? word : `${row} ${word}`;
    if (row === "" || longer.length <= columns) row = longer;
    else {
      rows.push(row);
      row = word;
    }
  }
  rows.push(row);
  return colour + rows.join("\r\n");
}
