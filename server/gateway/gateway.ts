/** The gateway as the rest of the server sees it: takes upgrades, ends cleanly or at once. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Endpoint } from "../../shared/protocol.ts";
import type { Call } from "./listeners.ts";
import { RawEndpoint } from "./raw.ts";
import type { Recorder } from "./recorder.ts";
import { type GatewayOptions, Registry } from "./registry.ts";
import { createUpgrader } from "./upgrade.ts";

export type { GatewayOptions };

export interface Gateway {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes nothing new, lets what is under way finish, closes with 1012; at the deadline cuts. */
  drain(): Promise<void>;
  /** Cuts everything now. */
  close(): Promise<void>;
  /** Tells every page which servers are offered now. */
  serversChanged(): void;
  /** Where pages listen now: what may be dialled like a server of the gateway's own. */
  listening(): Endpoint[];
  /** The student whose page makes that connection; null: no student's of this gateway. */
  studentMaking(call: Call): { id: string; name: string } | null;
  /** The student whose sessions belong to that user, while there is one. */
  studentOf(user: string): { id: string; name: string } | null;
  readonly draining: boolean;
  /** Where conversations can be followed. */
  readonly recorder: Recorder;
}

export function createGateway(options: GatewayOptions): Gateway {
  const registry = new Registry(options);
  const raw = new RawEndpoint(options, registry);
  const upgrader = createUpgrader(options, registry, raw);
  return {
    handleUpgrade: upgrader.handleUpgrade,
    drain: async () => {
      await Promise.all([registry.drain(), raw.drain()]);
    },
    close: async () => {
      registry.close();
      raw.close();
      upgrader.close();
    },
    serversChanged: () => registry.serversChanged(),
    listening: () => registry.listening,
    studentOf: (user) => registry.studentOf(user),
    studentMaking: (call) => registry.studentMaking(call),
    recorder: registry.recorder,
    get draining() {
      return registry.draining;
    },
  };
}
