/** A port on loopback that answers nothing at all: its queue of waiting connections is full. */
import { Program } from "./programs.ts";

/** Fills its own backlog (listen(2)): further SYNs are dropped, as a firewall would. */
const SCRIPT = `
import socket, sys
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(0)
held = []
while True:
    client = socket.socket()
    client.settimeout(0.3)
    held.append(client)
    try:
        client.connect(server.getsockname())
    except TimeoutError:
        break
print("silent on", server.getsockname()[1], flush=True)
sys.stdin.read()
`;

export interface BlackHole {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startBlackHole(): Promise<BlackHole> {
  const program = new Program("python3", ["-c", SCRIPT]);
  const [, port] = await program.prints(/silent on (\d+)\n/);
  return { port: Number(port), stop: () => program.stop() };
}
