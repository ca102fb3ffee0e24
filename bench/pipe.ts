/**
 * The least that joins a WebSocket and a TCP socket, to compare with: no sessions, no channels, no
 * resume, no policy, no checks. Backpressure by pausing the reader, or memory would have no bound.
 */
import { type AddressInfo, connect } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** As much on its way to the page as the gateway's window allows. */
const HIGH_WATER_BYTES = 256 * 1024;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (ws, request) => {
  const { searchParams } = new URL(request.url ?? "/", "ws://pipe");
  join(ws, Number(searchParams.get("port")));
});
server.on("listening", () => process.send?.({ port: (server.address() as AddressInfo).port }));

function join(ws: WebSocket, port: number): void {
  const socket = connect(port, "127.0.0.1");
  const readOn = () => {
    if (socket.isPaused() && ws.bufferedAmount < HIGH_WATER_BYTES) socket.resume();
  };
  socket.on("data", (bytes) => {
    ws.send(bytes, readOn);
    if (ws.bufferedAmount >= HIGH_WATER_BYTES) socket.pause();
  });
  ws.on("message", (bytes: Buffer) => {
    if (!socket.write(bytes)) ws.pause();
  });
  socket.on("drain", () => ws.resume());
  socket.on("close", () => ws.close());
  socket.on("error", () => ws.close());
  ws.on("close", () => socket.destroy());
  ws.on("error", () => socket.destroy());
}
