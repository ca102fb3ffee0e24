/** Wireshark's own reading of a capture, as its command line program gives it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The fields of every packet, in order, each as tshark prints it; empty where a packet has none.
 * @throws {Error} when tshark is not installed, or cannot read the file.
 */
export async function dissect<F extends string>(
  capture: Uint8Array,
  fields: readonly F[],
): Promise<Record<F, string>[]> {
  const folder = await mkdtemp(join(tmpdir(), "wireside-capture-"));
  try {
    const file = join(folder, "capture.pcapng");
    await writeFile(file, capture);
    const wanted = fields.flatMap((field) => ["-e", field]);
    // No profile or preference of whoever runs the test, and no look-ups of names.
    const args = ["-n", "-r", file, "-T", "fields", "-E", "separator=/t", ...wanted];
    const { stdout } = await run("tshark", args, {
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, TZ: "UTC" },
      maxBuffer: 64 * 1024 * 1024,
    });
    const rows = stdout.split("\n").filter((row) => row !== "");
    return rows.map((row) => {
      const values = row.split("\t");
      return Object.fromEntries(fields.map((field, i) => [field, values[i] ?? ""])) as Record<
        F,
        string
      >;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
