/** The far end as a process of its own: three TCP servers that echo, send and swallow. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type FarPorts, LENGTH_BYTES } from "./messages.ts";

const PIECE = Buffer.alloc(256 * 1024, "wireside ");

const ports: FarPorts = {
  echo: await listen((socket) => socket.pipe(socket)),
  source: await listen(answerWithBytes),
  sink: await listen(swallow),
};
process.once("disconnect", () => process.exit());
process.send?.(ports);

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    // A client that is done hangs up; a reset is one way to do so.
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  // A class that comes in at once must not wait for SYNs to be sent again.
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, resolve),
  );
  return (server.address() as AddressInfo).port;
}

/** Each length that arrives is answered with so many bytes. */
function answerWithBytes(socket: Socket): void {
  let left = 0;
  const send = () => {
    while (left > 0) {
      const piece = PIECE.subarray(0, left);
      left -= piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on("drain", send);
  socket.on("data", (bytes) => {
    left += Number(bytes.readBigUInt64BE(0));
    send();
  });
}

/** Each length that arrives is followed by so many bytes; after the last, one byte goes back. */
function swallow(socket: Socket): void {
  let left = 0;
  socket.on("data", (bytes) => {
    let rest = bytes;
    if (left === 0) {
      left = Number(rest.readBigUInt64BE(0));
      rest = rest.subarray(LENGTH_BYTES);
    }
    left -= rest.length;
    if (left === 0) socket.write("!");
  });
}
