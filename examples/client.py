"""A TCP client: sends what you type, prints what comes back.

    python3 client.py                   talks to 127.0.0.1, port 8000
    python3 client.py 127.0.0.1 9000    talks to another port

Type a message and press Enter. Type close to end the conversation.
Needs nothing but Python 3.8 or newer.
"""

import codecs
import socket
import sys

# The most that one recv() may bring, in bytes. It is a maximum: recv() returns as soon as there
# is anything at all, even a single byte.
READ_BYTES = 1024

USAGE = "Usage: python3 client.py [host] [port]    (a port is a number from 1 to 65535)"


def visible(text):
    """Shows control characters as escapes, so that a server cannot play with your terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def fit(message):
    """Turns a message into at most READ_BYTES bytes without cutting a character in half."""
    # Sockets carry bytes, not text. UTF-8 writes é as two bytes and most emoji as four.
    data = message.encode("utf-8", "replace")
    if len(data) <= READ_BYTES:
        return data
    print(f"That is {len(data)} bytes; the first {READ_BYTES} are sent.")
    return data[:READ_BYTES].decode("utf-8", "ignore").encode("utf-8")


def talk(client):
    """Sends a line, waits for the answer, and again, until one side has had enough."""
    # The kernel may cut a character between two reads. This decoder keeps the first half and
    # waits for the second.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    while True:
        try:
            message = input("Enter message: ")
        except EOFError:
            # Ctrl-D, or the end of a file piped in: nothing more will be typed.
            print()
            return

        if message == "":
            # send(b"") sends nothing, so the server would not answer, and recv() would wait forever.
            print("There is nothing to send in an empty line.")
            continue

        # sendall() returns when the kernel has taken the bytes. That does not mean that they have
        # arrived, and even less that the server has read them.
        client.sendall(fit(message))

        # recv() makes this program sleep until the kernel has bytes for it.
        answer = client.recv(READ_BYTES)
        if answer == b"":
            # Zero bytes never mean "nothing yet". They mean that the server has ended its
            # direction (its kernel sent FIN).
            print("The server hung up.")
            return

        response = decoder.decode(answer)
        if response.lower() == "closed":
            return
        print(f"Received: {visible(response)}")


def run_client(host, port):
    # AF_INET is IPv4, AF_INET6 is IPv6. SOCK_STREAM is TCP: bytes arrive complete and in order.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    # "with" closes the socket however we leave the block. Closing gives the descriptor back, and
    # the kernel says goodbye to the other end with FIN.
    with socket.socket(family, socket.SOCK_STREAM) as client:
        # The kernel sends SYN and this program sleeps until an answer comes. It also picks a free
        # port for our end, because a connection is a pair of addresses.
        client.connect((host, port))
        talk(client)
    print("Connection to server closed")


def main(arguments):
    if "-h" in arguments or "--help" in arguments:
        print(USAGE)
        return 0

    host = arguments[0] if arguments else "127.0.0.1"
    port = arguments[1] if len(arguments) > 1 else "8000"
    if len(arguments) > 2 or not port.isdecimal() or not 1 <= int(port) <= 65535:
        print(USAGE)
        return 2

    try:
        run_client(host, int(port))
    except ConnectionRefusedError:
        print(f"Nobody listens on {host} port {port}. Start the server first, then try again.")
        return 1
    except (ConnectionResetError, BrokenPipeError):
        # RST: the other end threw the connection away, for example because its program crashed.
        print("The server broke off the connection.")
        return 1
    except socket.gaierror:
        print(f"No machine is called {host}.")
        return 1
    except OSError as error:
        print(f"{host} port {port} cannot be reached: {error}")
        return 1
    except UnicodeDecodeError:
        print("\nThat input is not UTF-8 text.")
        return 1
    except KeyboardInterrupt:
        # Ctrl-C. The socket is closed already: "with" saw to it.
        print("\nStopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
