/** What the screen Serve says where TCP and UDP differ: UDP has no connection, and nobody is accepted. */
export interface ServeWords {
  /** The button that takes the first at the door, and what waits when nobody is there. */
  accept: string;
  acceptWaits: string;
  acceptLegend: string;
  /** Beside the number at the door. */
  atDoor: string;
  /** Nothing is bound any more. */
  shut: string;
  full: string;
  /** What was turned away, one of them; and what became of it. */
  refusedOne: string;
  refused: string;
  /** Somebody at the door of whom nothing is unread. */
  nothingUnread: string;
  taken: string;
  noTables: string;
  noTable: string;
  /** Of the wires to the server. */
  connected: string;
}

const tcp: ServeWords = {
  accept: "accept()",
  acceptWaits: "waits in accept()",
  acceptLegend: "How visitors are accepted",
  atDoor: "Handshake done, not yet accepted.",
  shut: "The door is shut: the port is free, and whoever knocks is refused. Those at the tables stay.",
  full: "The door is full: the next visitor is refused",
  refusedOne: "visitor",
  refused: "refused so far",
  nothingUnread: "nothing sent yet",
  taken: "Accepted",
  noTables:
    "Nobody was accepted yet. Each accept() makes a new socket, with a table and a terminal of its own; the listening socket stays at the door.",
  noTable: "No table yet. Whoever is accepted gets a terminal here, and you type the answers.",
  connected: "connected",
};

const udp: ServeWords = {
  accept: "take in",
  acceptWaits: "the next one is taken in",
  acceptLegend: "How peers are taken in",
  atDoor: "Came with a datagram, not taken in.",
  shut: "The door is shut: the port is free, and datagrams to it come to nothing. All peers shared its socket, and ended with it.",
  full: "The door is full: datagrams of others are dropped, and nobody is told",
  refusedOne: "datagram",
  refused: "dropped at the door so far",
  nothingUnread: "an empty datagram",
  taken: "Taken in",
  noTables:
    "Nobody was taken in yet. UDP has no accept(): one socket serves everybody, and each address that a datagram came from gets a table and a terminal here.",
  noTable: "No table yet. Whoever is taken in gets a terminal here, and you type the answers.",
  connected: "taken in",
};

export const serveWords = (isUdp: boolean): ServeWords => (isUdp ? udp : tcp);
