/** A Python server that makes one socket call for each line it is told, and tells what it returned. */
import { Program } from "./programs.ts";

const SCRIPT = `
import socket, struct, sys
server = socket.socket()
server.bind((sys.argv[1], 0))
server.listen(5)
print("listening on", server.getsockname()[1], flush=True)
client = None
for number, line in enumerate(sys.stdin, 1):
    call, _, rest = line.strip().partition(" ")
    result = None
    if call == "accept":
        client, _ = server.accept()
    elif call == "recv":
        result = client.recv(int(rest))
    elif call == "send":
        client.sendall(rest.encode())
    elif call == "shutdown":
        client.shutdown(socket.SHUT_WR)
    elif call == "close":
        client.close()
    elif call == "reset":
        # With a linger of 0 s close(2) aborts: RST instead of FIN (socket(7)).
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
    print(f"{number} {call} returned {result!r}", flush=True)
`;

export class Puppet {
  readonly program: Program;
  readonly port: number;
  #told = 0;

  private constructor(program: Program, port: number) {
    this.program = program;
    this.port = port;
  }

  /** Listens on a free port, and accepts nobody until it is told to. */
  static async start(host = "127.0.0.1"): Promise<Puppet> {
    const program = new Program("python3", ["-c", SCRIPT, host]);
    const [, port] = await program.prints(/listening on (\d+)\n/);
    return new Puppet(program, Number(port));
  }

  /** Has it make a call, and waits for what that returned: Python's repr, `b'hi'` or `None`. */
  async call(line: string): Promise<string> {
    return (await this.begin(line)).returned();
  }

  /** Has it begin a call that may wait. */
  async begin(line: string): Promise<{ returned(): Promise<string> }> {
    const number = ++this.#told;
    this.program.type(`${line}\n`);
    const done = new RegExp(`^${number} \\w+ returned (.*)\n`, "m");
    return {
      returned: async () => (await this.program.prints(done))[1] ?? "",
    };
  }

  stop(): Promise<void> {
    return this.program.stop();
  }
}
