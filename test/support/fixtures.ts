/** Playwright's `test` with a gateway of its own for each worker, and pages that start at its address. */
import { test as base } from "@playwright/test";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";

export { expect } from "@playwright/test";

interface WorkerFixtures {
  /** Flags for the gateway, for a whole file: `test.use({ gatewayFlags: ["--resume-grace", "2s"] })`. */
  gatewayFlags: string[];
  /** The built gateway and its lesson server, running as a process. */
  gateway: GatewayProcess;
}

export const test = base.extend<object, WorkerFixtures>({
  gatewayFlags: [[], { option: true, scope: "worker" }],
  gateway: [
    async ({ gatewayFlags }, use) => {
      // A conversation whose page is gone would be waited for until the deadline.
      const flags = ["--shutdown-timeout", "1s", ...gatewayFlags];
      const gateway = await startGatewayProcess(flags);
      await use(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ gateway }, use) => use(gateway.url),
});
