/** Before anything listens: what Serve is, and one button to begin. */
import type { Serve } from "../model/serve.ts";
import { isOver } from "../model/status.ts";
import { BacklogPicker } from "./serve-door.tsx";
import { useFrames } from "./use-store.ts";

export function Idle({ serve }: { serve: Serve }) {
  useFrames(serve);
  useFrames(serve.carrier);
  const { phase, serving } = serve.carrier.status;
  if (phase === "live" && serving === null) return <NotHere />;
  const asking = serve.phase === "asking";
  return (
    <section className="serve-idle" aria-label="Be the server">
      <h2>Be the server.</h2>
      <p>
        {serve.isUdp
          ? "The gateway binds a UDP port for you. Others send datagrams to it with any program, and you decide whose are read and what is answered."
          : "The gateway binds a port and listens for you. Others connect to it with any program, and you decide who is accepted and what is answered."}
      </p>
      {serve.isUdp ? <DatagramSteps /> : <Steps />}
      {!isOver(serve.carrier.status) && (
        <>
          <p className="idle-choice">
            Up to <BacklogPicker serve={serve} /> may wait at the door.
          </p>
          <button
            type="button"
            className="button main listen-now"
            disabled={asking}
            onClick={() => serve.listen()}
          >
            {asking ? "Asking the gateway…" : `Listen on ${serve.addressText}`}
          </button>
        </>
      )}
    </section>
  );
}

function Steps() {
  return (
    <ol className="steps">
      <li>
        <code className="data">listen()</code> opens the door: from then on the kernel completes
        every handshake by itself.
      </li>
      <li>
        <code className="data">accept()</code> takes the first who waits to a table: a new socket,
        with a terminal of its own.
      </li>
      <li>
        <code className="data">recv()</code>, <code className="data">send()</code>: you read what it
        says, and type the answer.
      </li>
    </ol>
  );
}

/** UDP knows neither listen() nor accept(). */
function DatagramSteps() {
  return (
    <ol className="steps">
      <li>
        <code className="data">bind()</code> opens the door: from then on the kernel keeps every
        datagram that comes to the port.
      </li>
      <li>
        <code className="data">recvfrom()</code> reads them, and says from where each came: whoever
        you take in has a terminal of its own.
      </li>
      <li>
        <code className="data">sendto()</code>: you type the answer, and it goes back there. Nobody
        is connected.
      </li>
    </ol>
  );
}

function NotHere() {
  return (
    <section className="serve-idle" aria-label="Be the server">
      <h2>No page may listen here.</h2>
      <p>
        Whoever runs this gateway has not allowed pages to be servers. On your own machine,{" "}
        <code className="data">npm start</code> gives you one that lets you.
      </p>
    </section>
  );
}
