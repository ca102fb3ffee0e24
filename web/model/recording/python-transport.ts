/** How a Python program opens each kind of socket, and where its calls differ from TCP's. */
import type { Address } from "../../../shared/address.ts";
import type { Step } from "./python-steps.ts";

/** A text as Python writes it: JSON's escapes are a part of Python's, and no control character is in it. */
const quoted = (text: string): string => JSON.stringify(text);

/** `HOST` and `PORT`, or `PATH`. */
export function constants({ scheme, host, port }: Address): string {
  if (scheme === "unix") return `PATH = ${quoted(host)}`;
  return `HOST = "${host}"\nPORT = ${port}`;
}

/** The line that opens `connection`, which is closed after what is indented below it. */
export function opening({ scheme }: Address): string {
  switch (scheme) {
    case "tcp":
      return `
with socket.create_connection((HOST, PORT), PATIENCE) as connection:
`;
    case "tcp6": // It takes no IPv4 address where a name has both.
      return made("socket.AF_INET6, socket.SOCK_STREAM", "(HOST, PORT)");
    case "unix":
      return made("socket.AF_UNIX, socket.SOCK_STREAM", "PATH");
    case "udp":
      return `
# connect() sends nothing: it only notes where send() goes.
family, kind, _, _, there = socket.getaddrinfo(HOST, PORT, type=socket.SOCK_DGRAM)[0]
${made("family, kind", "there").trimStart()}`;
    case "tls":
      return `
# For a private authority: context.load_verify_locations("ca.pem")
context = ssl.create_default_context()
tcp = socket.create_connection((HOST, PORT), PATIENCE)
with context.wrap_socket(tcp, server_hostname=HOST) as connection:
`;
  }
}

/**
 * The same for UDP, which has no accept(): the first datagram says whom this end talks with. It is only
 * looked at, so that it can be received like the others.
 */
const awaiting = (family: string): string => `
with socket.socket(${family}, socket.SOCK_DGRAM) as connection:
    connection.bind((HOST, PORT))
    print(f"Waiting for a datagram on {HOST} port {PORT}", flush=True)
    # UDP has no accept(): the first datagram says whom to answer, and connect() only notes it.
    _, client = connection.recvfrom(65535, socket.MSG_PEEK)
    connection.connect(client)
    print(f"Datagrams from {client[0]}:{client[1]}")
    connection.settimeout(PATIENCE)
`;

/**
 * The same for the end that accepts. The address is set at once to be used again: a server that hung up
 * first leaves TIME_WAIT behind.
 */
export function accepting({ host, scheme }: Address): string {
  const family = `socket.${host.includes(":") ? "AF_INET6" : "AF_INET"}`;
  return scheme === "udp" ? awaiting(family) : listening(family);
}

const listening = (family: string): string => `
with socket.socket(${family}, socket.SOCK_STREAM) as listener:
    # Else the port would stay taken for a minute after a server that hung up first.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, PORT))
    listener.listen(1)
    print(f"Listening on {HOST} port {PORT}", flush=True)
    connection, client = listener.accept()

with connection:
    print(f"Accepted connection from {client[0]}:{client[1]}")
    connection.settimeout(PATIENCE)
`;

const made = (kind: string, there: string): string => `
with socket.socket(${kind}) as connection:
    connection.settimeout(PATIENCE)
    connection.connect(${there})
`;

/** Instead of reading until so many bytes are there: each datagram is whole. */
export const RECEIVE_DATAGRAM = `
def receive(count):
    """Waits for one datagram, which had count bytes, and prints it."""
    try:
        piece = connection.recv(65535)
        print(f"Received {len(piece)} bytes: {piece}")
    except socket.timeout:
        print(f"No datagram came within {PATIENCE} seconds.")
    except ConnectionRefusedError:
        print("Nobody has that port: the other kernel said so by ICMP.")

`;

export const SEND_DATAGRAM = `
def send(datagram):
    """Sends one datagram. A refusal is the answer to an earlier one, and then this was not sent yet."""
    try:
        connection.send(datagram)
    except ConnectionRefusedError:
        print("Nobody has that port: the other kernel said so by ICMP.")
        connection.send(datagram)

`;

/** Says close_notify and waits for the server's: Python's ssl module ends both directions or none. */
export const UNWRAP = `
def end():
    """Says that nothing more comes (close_notify), and waits for the server to say so too."""
    try:
        connection.unwrap()
    except (ssl.SSLError, OSError) as error:
        print(f"The server did not end TLS: {error}")

`;

/**
 * The steps that a program can do over this transport. Python's ssl module cannot end one direction
 * alone, so what came after the end is read before it.
 */
export function possible(steps: readonly Step[], { scheme }: Address): Step[] {
  if (scheme !== "tls") return [...steps];
  const ends = steps.some((step) => step.do === "end");
  if (!ends) return [...steps];
  const others = steps.filter((step) => step.do !== "end" && step.do !== "hear the end");
  // After RST there is nobody left to say it to.
  const isReset = steps.some((step) => step.do === "reset" || step.do === "be reset");
  return isReset ? others : [...others, { do: "end" }];
}
