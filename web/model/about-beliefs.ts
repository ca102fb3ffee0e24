/** What people get wrong about sockets, and what the screen shows instead; those a client can meet. */

export interface Belief {
  belief: string;
  /** What is to be seen here that does not agree with it. */
  shown: string;
}

export const beliefs = {
  oneSendOneRecv: {
    belief: "One send is one recv.",
    shown:
      "TCP keeps the bytes and their order, not where one send ended: reads cut them anew, here as drawn.",
  },
  recvWaits: {
    belief: "recv(1024) waits for 1024 bytes.",
    shown: "1024 is the most it may return. It returns as soon as there is anything at all.",
  },
  acceptConnects: {
    belief: "accept() makes the connection.",
    shown:
      "The kernel makes it. The server's socket is ESTABLISHED, and bytes may wait in it, before accept() returns.",
  },
  acceptUsesUp: {
    belief: "Accepting uses up the server's socket.",
    shown:
      "accept() returns a new socket for this client alone. The listening one stays as it was.",
  },
  firewall: {
    belief: "Refused means a firewall.",
    shown:
      "Refused is an answer: the machine said at once that nobody listens. A firewall mostly says nothing, and then the clock runs.",
  },
  addressInUse: {
    belief: "“Address already in use” is a bug in my program.",
    shown:
      "Whoever hangs up first waits in TIME_WAIT. A server that did so must set SO_REUSEADDR to listen again before that is over.",
  },
  loopback: {
    belief: "127.0.0.1 reaches the classroom.",
    shown: "127.0.0.1 is always the machine itself: here the gateway's, never a neighbour's.",
  },
  emptyRead: {
    belief: "b'' means that nothing has come yet.",
    shown: "While nothing has come, recv() waits. b'' means that nothing will come any more.",
  },
  closeIsShutdown: {
    belief: "Closing and shutting down are the same.",
    shown:
      "A connection is two one-way streams. One has ended, and the other can still carry a reply.",
  },
  sentIsRead: {
    belief: "send returned, so the other program has read it.",
    shown:
      "send() returns when its own kernel has the bytes. They travel, arrive and wait before anybody reads them.",
  },
  textIsBytes: {
    belief: "Text is bytes.",
    shown:
      "Only bytes are sent. é is one character and two bytes, and a read may end between them.",
  },
  clientDecides: {
    belief: "The client decides when it is over.",
    shown: "Either end may hang up, each for its own direction, or throw all of it away (RST).",
  },
} satisfies Record<string, Belief>;
