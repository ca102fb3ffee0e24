/** Many recordings as one zip archive, made as it is read: no temporary file, one recording open at a time. */
import type { PassThrough, Readable } from "node:stream";
import { finished } from "node:stream/promises";
import yazl from "yazl";
import { fileName } from "./names.ts";

/** JSON and base64 give most of what there is to save at the fastest level, at three times the speed. */
const COMPRESSION_LEVEL = 1;

/**
 * @param ids of recordings; each is a file of that name in the archive.
 * @param read opens one; null when it is gone by now, and then it is left out.
 * @returns the archive; destroyed, it opens nothing more. It fails as `read` and its streams do.
 */
export function zipOf(
  ids: readonly string[],
  read: (id: string) => Promise<{ bytes: number; stream: Readable } | null>,
): Readable {
  const zip = new yazl.ZipFile();
  // It is a PassThrough, which its type does not say.
  const output = zip.outputStream as PassThrough;
  const failed = (error: Error) => output.destroy(error);
  // Of a file that became shorter while it was read: nobody else hears of it, and an error unheard ends the process.
  zip.on("error", failed);
  void fill(zip, ids, read, output).catch(failed);
  return output;
}

async function fill(
  zip: yazl.ZipFile,
  ids: readonly string[],
  read: Parameters<typeof zipOf>[1],
  output: PassThrough,
): Promise<void> {
  for (const id of ids) {
    const reading = await read(id);
    if (!reading) continue;
    const { bytes, stream } = reading;
    const abandoned = () => stream.destroy();
    output.once("close", abandoned);
    if (output.destroyed) return void stream.destroy();
    zip.addReadStream(stream, fileName(id), { size: bytes, compressionLevel: COMPRESSION_LEVEL });
    // The next is opened when this one has been read: who reads slowly holds one descriptor, not all.
    await finished(stream);
    output.off("close", abandoned);
  }
  zip.end();
}
