/** A page as a process of its own, which a test can stop with a signal: node page-process.mjs URL ORIGIN. */
import WebSocket from "ws";

const [url, origin] = process.argv.slice(2);
const ws = new WebSocket(url, "wireside.v1", { origin, perMessageDeflate: false });
ws.on("open", () => ws.send(JSON.stringify({ type: "hello", v: 1 })));
ws.on("message", (data) => console.log(JSON.parse(`${data}`).type));
ws.on("close", (code) => console.log(`closed ${code}`));
