"""Holds the tutorial's conversation with Debian's own websockify client, unchanged: URL, then what is said."""
import random
import select
import sys

from websockify import websocket
from websockify.websocket import WebSocket, WebSocketWantReadError


class Byte(int):
    """Version 0.10 adds numbers to the bytes of its mask, which Python 3 forbids; these can be added."""

    def __radd__(self, other):
        return other + bytes([self])


class Random:
    """What it asks for random numbers, so that its own code stays as it is."""

    @staticmethod
    def randrange(end):
        return Byte(random.randrange(end))


websocket.random = Random

url, *lines = sys.argv[1:]
ws = WebSocket()
ws.connect(url, protocols=["binary"])


def answer():
    while True:
        try:
            return ws.recvmsg()
        except WebSocketWantReadError:
            select.select([ws], [], [])


for line in lines:
    ws.sendmsg(line.encode())
    print("answer", answer().decode().strip(), flush=True)
while answer() is not None:
    pass
print("closed", ws.close_code, ws.close_reason, flush=True)
