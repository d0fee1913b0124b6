"""Interleaved runs: they work one at a time, window by window, so that all meet the same moments of the machine.

An `Interleaver`, in the process that has started the runs, answers them over a loopback socket. A run sends a line with
its number and the interleaver's token, and then one whenever it wants to go on: ``window`` and a word for the cell
before it times a cell, or ``meet`` where nothing is timed until all runs have come as far. Each is answered with
``go``. An earlier lab4 sends ``window`` alone.
"""

import os
import secrets
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from time import perf_counter
from zlib import crc32

from lab4.domain.errors import Lab4Error

_LOOPBACK = "127.0.0.1"
#: Set for an interleaved run: the interleaver's port, seconds of timing, and what the run introduces itself with.
_VARIABLE = "LAB4_INTERLEAVED"
_WINDOW, _MEET, _GO = b"window", b"meet", b"go\n"
#: How often the interleaver looks whether a run has ended: seconds.
_LOOK_S = 0.05
_MOST_BYTES = 4096


@dataclass
class Interleaving:
    """A run's side of it: `next_window` and `meet` return when the run may go on, at once where it is measured alone.

    ``least_s`` is for how long it is to time its cells, all together, at least; ``waited_s`` how long it has waited.
    """

    _connection: socket.socket | None = None
    least_s: float = 0.0
    waited_s: float = 0.0

    @classmethod
    def joined(cls) -> "Interleaving":
        """What this process was started for, if it was; its own children are not.

        Raises:
            Lab4Error: where the interleaver does not answer.
        """
        given = os.environ.pop(_VARIABLE, "")
        if not given:
            return cls()
        port, least_s, hello = given.split(":", 2)
        try:
            connection = socket.create_connection((_LOOPBACK, int(port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(f"{hello}\n".encode("ascii"))
        except OSError as error:
            raise Lab4Error(f"the run cannot be interleaved with another: {error.strerror or error}") from None
        return cls(connection, float(least_s))

    def next_window(self, cell: str) -> None:
        """Wait until no other run works, until this one asks again or ends; what it then times is of this cell."""
        self._ask(_WINDOW + b" %08x" % crc32(cell.encode()))

    def meet(self) -> None:
        """Wait until every other run has come as far, or has ended."""
        self._ask(_MEET)

    def close(self) -> None:
        """Interleave no more; a second time does nothing."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _ask(self, what: bytes) -> None:
        if self._connection is None:
            return
        start = perf_counter()
        try:
            self._connection.sendall(what + b"\n")
            answer = self._connection.recv(len(_GO))
        except OSError:
            answer = b""
        if not answer:  # the interleaver has ended, and what guards this run ends it
            self.close()
        self.waited_s += perf_counter() - start


@dataclass
class Interleaver:
    """Lets ``count`` runs work one at a time, which shall time their cells for ``least_s`` each; close it.

    Of two runs, the first one to time a cell alternates from window to window of that cell (A B, B A, A B), and begins
    at random: what comes second has the caches that the other has left, so that one of a cell's sides would be faster
    if it were the second more often. ``startup_s`` is how long it was until the first window.

    Raises:
        Lab4Error: where the system lets no process listen on loopback.
    """

    count: int
    least_s: float = 0.0
    startup_s: float = 0.0
    _token: str = field(default_factory=lambda: secrets.token_hex(16))
    _waiting: dict[int, bytes] = field(default_factory=dict)
    _runs: dict[int, socket.socket] = field(default_factory=dict)
    _first: dict[bytes, int] = field(default_factory=dict)
    _turn: list[int] = field(default_factory=list)
    _random: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        try:
            self._server = socket.create_server((_LOOPBACK, 0))
        except OSError as error:
            raise Lab4Error(
                f"runs cannot be interleaved, as no loopback port is to be had ({error.strerror or error}); "
                "judge saved runs with --baseline instead"
            ) from None
        self._selector.register(self._server, selectors.EVENT_READ)
        self._received: dict[socket.socket, bytes] = {}
        self._began = perf_counter()

    def environment(self, number: int) -> dict[str, str]:
        """The variable that lets a process join as run ``number``, counted from 0."""
        return {_VARIABLE: f"{self._server.getsockname()[1]}:{self.least_s}:{number} {self._token}"}

    def serve(self, is_running: Callable[[int], bool]) -> None:
        """Answer runs until none is running; ``is_running`` is asked with a run's number."""
        while running := [number for number in range(self.count) if is_running(number)]:
            for key, _ in self._selector.select(_LOOK_S):
                if key.fileobj is self._server:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._receive(key.fileobj)
            self._let_go_on(running)

    def _accept(self) -> None:
        connection, _ = self._server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ)

    def _receive(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(_MOST_BYTES)
        except OSError:
            data = b""
        *lines, rest = (self._received[connection] + data).split(b"\n")
        if not data or len(rest) > _MOST_BYTES:
            self._forget(connection)
            return
        self._received[connection] = rest
        for line in lines:
            known = [number for number, each in self._runs.items() if each is connection]
            if known:
                self._waiting[known[0]] = line
                continue
            number, _, token = line.decode("ascii", "replace").partition(" ")
            if token != self._token or not number.isdecimal():
                self._forget(connection)
                return
            self._runs[int(number)] = connection

    def _forget(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._received[connection]
        connection.close()

    def _let_go_on(self, running: list[int]) -> None:
        """Let one run time something, or all that meet go on, once no run does anything else."""
        waiting = {number: self._waiting[number] for number in running if number in self._waiting}
        if len(waiting) < len(running):
            return
        wanting = [number for number, what in waiting.items() if what.startswith(_WINDOW)]
        if not wanting:
            for number in waiting:
                self._answer(number)
            return
        self.startup_s = self.startup_s or perf_counter() - self._began
        self._turn = [number for number in self._turn if number in wanting] or self._in_turn(wanting)
        self._answer(self._turn.pop(0))

    def _in_turn(self, wanting: list[int]) -> list[int]:
        """In which order these runs time the cell: one after the other is its first."""
        cell = self._waiting[wanting[0]]
        last = self._first.get(cell, self._random.randrange(self.count))
        first = self._first[cell] = (last + 1) % self.count
        return sorted(wanting, key=lambda number: (number - first) % self.count)

    def _answer(self, number: int) -> None:
        del self._waiting[number]
        try:
            self._runs[number].sendall(_GO)
        except OSError:  # it has ended, which the next look shows
            return

    def close(self) -> None:
        """Close every socket: runs that wait go on by themselves."""
        self._selector.close()
        for connection in self._received:
            connection.close()
        self._server.close()
