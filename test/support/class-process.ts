/** The built gateway with a class, as a process of its own. */
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";

export interface ClassProcess extends GatewayProcess {
  /** As it stands on the board: `7KQ 42M`. */
  readonly board: string;
  /** What the teacher's link carries. */
  readonly secret: string;
}

/** Starts a class that only this machine can reach. @param flags besides those. */
export async function startClassProcess(flags: readonly string[] = []): Promise<ClassProcess> {
  const gateway = await startGatewayProcess(["--class", "--host", "127.0.0.1", ...flags]);
  const [, board = ""] =
    /and type this code and their name:\n\n {4}(.+)\n/.exec(gateway.output()) ?? [];
  const [, secret = ""] = /#t=(\S+)/.exec(gateway.openUrl) ?? [];
  return { ...gateway, board, secret };
}
