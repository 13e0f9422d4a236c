"""What stands between whosaw and a PostgreSQL server, and cuts in where a commit passes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Event, Thread

__all__ = ["Cut", "cutting"]

_COMMIT = b"COMMIT\x00"


class Cut:
    """Hands on what passes, until a commit comes and `at_commit` says what becomes of it: `before` it is never heard, `after` it is done and
    the answer gets lost; with `during`, `happens` is called as soon as the server has it."""

    def __init__(self, port: int) -> None:
        self._to, self.at_commit = port, ""
        self.happens: Callable[[], None] = lambda: None
        self._answered, self._over, self._mute = Event(), Event(), False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._ends.append(client)
            try:
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                _end(client)
                continue
            self._ends.append(server)
            for work in (self._up, self._down):
                self._threads.append(Thread(target=work, args=(client, server)))
                self._threads[-1].start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                if self.at_commit and _COMMIT in data:
                    self._commit(server, data)
                    break
                server.sendall(data)
        _end(client, server)

    def _commit(self, server: socket.socket, data: bytes) -> None:
        how, self.at_commit = self.at_commit, ""
        if how == "before":
            return
        self._answered.clear()
        self._over.clear()
        self._mute = True
        server.sendall(data)
        if how == "after":
            self._answered.wait()
        try:
            self.happens()
        finally:
            self._mute = False
            self._over.set()

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if self._mute:
                    break
                client.sendall(data)
        self._answered.set()
        if self._mute:
            self._over.wait()  # nobody hears of it before all has happened
        _end(client, server)

    def close(self) -> None:
        _end(self._listener)
        self._threads[0].join()
        _end(*self._ends)
        for each in self._threads:
            each.join()
        for end in (self._listener, *self._ends):
            end.close()


def _end(*ends: socket.socket) -> None:
    for each in ends:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting(port: int) -> Iterator[Cut]:
    """One in front of the server at `port`."""
    with closing(Cut(port)) as made:
        yield made
