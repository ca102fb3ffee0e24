/** The program: arguments in, a running gateway or one sentence and an exit code out; and signals. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { askedFor, type Config, ConfigError, helpText, loadConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { greeting } from "./main-greeting.ts";
import { endWithParent } from "./main-parent.ts";
import { type RunningServer, StartError, startServer } from "./start.ts";

const EXIT = { ok: 0, failed: 1, usage: 2, SIGINT: 130, SIGTERM: 143 } as const;

/** Somebody waits in front of a terminal: what is not delivered by then is not waited for. */
const CTRL_C_MS = 2_000;
/** npm passes a signal on that the terminal or a service manager has sent to all already: one wish, two signals. */
const SAME_WISH_MS = 250;

await main(process.argv.slice(2));

async function main(argv: string[]): Promise<void> {
  try {
    const asked = askedFor(argv);
    if (asked) return void process.stdout.write(asked === "help" ? helpText() : version());
    await run(loadConfig(argv, process.env));
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartError)) throw error;
    process.stderr.write(`wireside: ${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
}

/** Bundled, this file is dist/server/main.js. */
function version(): string {
  const file = join(import.meta.dirname, "../../package.json");
  return `${JSON.parse(readFileSync(file, "utf8")).version}\n`;
}

async function run(config: Config): Promise<void> {
  const colour = process.stderr.isTTY === true && !process.env.NO_COLOR;
  const log = createLog({ level: config.logLevel, format: config.logFormat, colour });
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "the gateway has a bug and ends");
    process.exit(EXIT.failed);
  });
  const server = await startServer(config, { webRoot: join(import.meta.dirname, "../web"), log });
  // First, because whoever has read the greeting may send a signal at once.
  stopOnSignals(server);
  endWithParent();
  process.stdout.write(greeting(config, server, terminal()));
}

function terminal(): { columns: number; colour: boolean } | null {
  const { isTTY, columns } = process.stdout;
  return isTTY ? { columns, colour: !process.env.NO_COLOR } : null;
}

/** The first signal ends cleanly, the second at once. */
function stopOnSignals(server: RunningServer): void {
  let stoppingSince: number | null = null;
  const stop = async (signal: "SIGINT" | "SIGTERM"): Promise<void> => {
    if (stoppingSince !== null) {
      if (performance.now() - stoppingSince < SAME_WISH_MS) return;
      process.exit(EXIT[signal]);
    }
    stoppingSince = performance.now();
    server.log.info({ signal }, "stopping");
    if (signal === "SIGINT") setTimeout(() => server.close(), CTRL_C_MS).unref();
    await server.drain();
    server.log.info("stopped");
    process.exit(EXIT.ok);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
