/** Loaded into a measured process: says what it has used when asked, and ends it with the bench. */
import type { Usage } from "./messages.ts";

process.on("message", (message) => {
  if (message !== "usage") return;
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
  };
  process.send?.(usage);
});
process.once("disconnect", () => process.exit());
