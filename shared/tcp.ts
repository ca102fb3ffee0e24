/** TCP's states, under the names of netstat(8) with underscores (RFC 9293 section 3.3.2). */
export const TCP_STATES = [
  "CLOSED",
  "LISTEN",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "CLOSE_WAIT",
  "CLOSING",
  "LAST_ACK",
  "TIME_WAIT",
] as const;

export type TcpState = (typeof TCP_STATES)[number];

/** A socket as the kernel's table shows it (proc_net_tcp of the Linux kernel's documentation). */
export interface KernelSocket {
  state: TcpState;
  /** Bytes that arrived and that its program has not read (rx_queue). */
  unread: number;
  /** Bytes sent that the other kernel has not acknowledged (tx_queue). */
  unsent: number;
  /** Milliseconds until TIME_WAIT ends; null in every other state. */
  timeWaitMs: number | null;
}
