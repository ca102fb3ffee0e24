/** What a gateway process says of itself on /metrics, and what the kernel says of it in /proc. */

import { readdirSync, readFileSync } from "node:fs";
import { get } from "node:http";

/** Status and text of a path, over a connection that is closed again: kept ones would count as open. */
export function ask(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { connection: "close", ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    }).on("error", reject);
  });
}

/** A metric's value; its series added up when it has labels; 0 when it has none yet. */
export async function level(gateway: { url: string }, name: string): Promise<number> {
  const { text } = await ask(`${gateway.url}metrics`);
  const lines = text.split("\n").filter((line) => line.replace(/[{ ].*/, "") === name);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Resident memory of a process, in bytes (proc(5), VmRSS). */
export function residentBytes(pid: number | undefined): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

/** How many descriptors a process has open. */
export const openDescriptors = (pid: number | undefined): number =>
  readdirSync(`/proc/${pid}/fd`).length;
