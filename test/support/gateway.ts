/** The real gateway for tests, in this process or in one of its own, always on free ports. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "../../server/config.ts";
import { startServer } from "../../server/start.ts";
import { ANY_PORTS } from "./gateway-process.ts";

export {
  type GatewayProcess,
  LITTLE_GARBAGE,
  plainEnvironment,
  startGatewayProcess,
} from "./gateway-process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Starts the gateway in this process, with its page from dist/web and without a log.
 * @param flags as on the command line
 */
export function startGateway(flags: readonly string[] = []) {
  const config = loadConfig([...ANY_PORTS, "--log-level", "silent", ...flags], {});
  return startServer(config, { webRoot: join(ROOT, "dist/web") });
}
