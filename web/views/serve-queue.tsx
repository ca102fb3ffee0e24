/** Which queue the door is, said as it is: three of them lie between a SYN and accept(). */

export function AboutQueue({ backlog, isUdp }: { backlog: number; isUdp: boolean }) {
  if (isUdp) return <AboutDatagrams backlog={backlog} />;
  return (
    <div className="about-queue">
      <p>
        <strong>The kernel answers before you do.</strong> It completes the handshake of everybody
        who connects: a visitor at the door is ESTABLISHED already, and what it sends waits in the
        kernel's receive buffer, unread.
      </p>
      <p>
        <strong>In a program of your own</strong> the visitor then waits in the kernel's accept
        queue, as long as <code>listen(backlog)</code> allows, until you call <code>accept()</code>.
      </p>
      <p>
        <strong>Here the gateway stands in between.</strong> It takes visitors out of the kernel's
        queue as they come, reads nothing, and holds up to {backlog} of them for you. One more is
        sent away with a reset (RST). A full kernel queue would rather be silent: on Linux the SYN
        is dropped, and the visitor tries again.
      </p>
    </div>
  );
}

/** UDP has none of them: one receive buffer, for whatever comes from anybody. */
function AboutDatagrams({ backlog }: { backlog: number }) {
  return (
    <div className="about-queue">
      <p>
        <strong>UDP has no such queue.</strong> Nobody connects, so nobody can be accepted: there is
        no handshake, and no <code>accept()</code>. All datagrams, from whomever, go into the one
        receive buffer of the one socket.
      </p>
      <p>
        <strong>In a program of your own</strong> <code>recvfrom()</code> takes the next datagram
        and says where it came from, and <code>sendto()</code> answers there. Who is who is for the
        program to remember.
      </p>
      <p>
        <strong>Here the gateway remembers it for you.</strong> The first datagram of an address
        makes a peer, and up to {backlog} of them wait here, each with at most 64 KiB. What comes
        beyond that is dropped and counted, and nobody is told: UDP cannot refuse.
      </p>
    </div>
  );
}
