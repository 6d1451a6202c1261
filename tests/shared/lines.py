"""A line to a server that may be cut, slow, or lead nowhere."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Line:
    """A proxy on loopback, with a thread for each direction of each connection.

    Args:
        port: That of the server.

    Attributes:
        port: Its own.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: set[socket.socket] = set()
        self._dead: set[socket.socket] = set()
        self._drops = False
        self._delay = 0.0
        self._mended = threading.Event()
        self.port = 0
        self._listen()

    def refuse(self) -> None:
        """Cut all connections, and take no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes `accept`
        self._listener.close()
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """Let nothing pass any more on the connections that are open, nor on those to come."""
        self._drops = True
        self._dead |= self._open

    def slow(self, seconds: float) -> None:
        """Let each answer take so much longer."""
        self._mended.clear()
        self._delay = seconds

    def mend(self) -> None:
        """Lead on again, at once; connections that lead nowhere go on to lead nowhere."""
        self._drops, self._delay = False, 0.0
        self._mended.set()
        if self._listener.fileno() < 0:
            self._listen()

    def close(self) -> None:
        """End it."""
        self.refuse()
        self._mended.set()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._to))
                except OSError:  # the server is away: so it looks from here
                    near.close()
                    continue
                self._open |= {near, far}
                if self._drops:
                    self._dead |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()
                    ends[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while content := one.recv(65_536):
                if self._delay:
                    self._mended.wait(self._delay)
                if one not in self._dead:
                    other.sendall(content)
        self._open.discard(one)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
        one.close()
