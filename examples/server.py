"""A TCP server: serves one client, answers "accepted" to every message and "closed" to close.

    python3 server.py                   listens on 127.0.0.1, port 8000
    python3 server.py 0.0.0.0 9000      listens on every address of this machine, port 9000

Stop it with Ctrl-C. Needs nothing but Python 3.8 or newer.
"""

import socket
import sys

# The most that one recv() may bring, in bytes. It is a maximum: recv() returns as soon as there
# is anything at all. One send of the client need not be one recv here: TCP carries a stream of
# bytes and knows no messages.
READ_BYTES = 1024

USAGE = "Usage: python3 server.py [host] [port]    (a port is a number from 0 to 65535)"


def visible(text):
    """Shows control characters as escapes, so that a client cannot play with your terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def say(text):
    # flush: shown at once, even when the output goes to a file or another program.
    print(text, flush=True)


def shown(address):
    """An address as people write it; IPv6 goes in brackets, since it is full of colons itself."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_close(request):
    """close in any case. nc and telnet add a line ending to what is typed; it does not count."""
    if request.endswith("\n"):
        request = request[:-1]
    if request.endswith("\r"):
        request = request[:-1]
    return request.lower() == "close"


def talk(client_socket):
    """Answers requests until the client says close or hangs up."""
    while True:
        # This program sleeps here until the kernel has bytes from this client.
        data = client_socket.recv(READ_BYTES)
        if data == b"":
            # The client has ended its direction (FIN). No more bytes will ever come.
            return

        # A client may send anything. Bytes that are not UTF-8 are shown as \xff, for example.
        request = data.decode("utf-8", "backslashreplace")
        say(f"Received: {visible(request)}")
        if is_close(request):
            client_socket.sendall(b"closed")
            return

        # The kernel takes the answer and sends it when it can. If the client never reads, its
        # kernel's buffer fills up, then ours, and then this call waits.
        client_socket.sendall(b"accepted")


def serve_one_client(server):
    # accept() sleeps until a client is there. By then the kernel has already made the connection;
    # accept() only fetches it. It comes as a new socket: the listening one stays as it is.
    client_socket, client_address = server.accept()
    with client_socket:
        say(f"Accepted connection from {shown(client_address)}")
        try:
            talk(client_socket)
        except (ConnectionResetError, BrokenPipeError):
            # RST: the client threw the connection away, for example because it was killed.
            say("The client broke off the connection.")
    say("Connection to client closed")


def run_server(host, port):
    # AF_INET is IPv4, AF_INET6 is IPv6. SOCK_STREAM is TCP.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        if sys.platform != "win32":
            # The end that closes first keeps the address pair in TIME_WAIT for a while. Without
            # this option a server started again within that while gets "Address already in use".
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

        # bind() reserves the address and port. Port 0 asks the kernel for any free one.
        server.bind((host, port))
        # listen() opens the door: from now on the kernel makes connections for us. The number is
        # how many of them may wait to be accepted, not how many clients there may be.
        server.listen(1)
        say(f"Listening on {shown(server.getsockname())}")
        serve_one_client(server)


def main(arguments):
    if "-h" in arguments or "--help" in arguments:
        say(USAGE)
        return 0

    host = arguments[0] if arguments else "127.0.0.1"
    port = arguments[1] if len(arguments) > 1 else "8000"
    if len(arguments) > 2 or not port.isdecimal() or int(port) > 65535:
        say(USAGE)
        return 2

    try:
        run_server(host, int(port))
    except OSError as error:
        # Most often: another program already listens on this port.
        say(f"Cannot listen on {host} port {port}: {error}")
        return 1
    except KeyboardInterrupt:
        # Ctrl-C. Both sockets are closed already: "with" saw to it.
        say("\nStopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
