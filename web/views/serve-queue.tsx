/** Which queue the door is, said as it is: three of them lie between a SYN and accept(). */

export function AboutQueue({ backlog }: { backlog: number }) {
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
