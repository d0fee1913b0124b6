"""The hosts of a run's runtimes."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from lab4.bench.processes import Processes
from lab4.devices import DEVICES
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import Lab4Error
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES, HostContext, HostFacts, RuntimeHost

__all__ = ["Hosts", "runtime_of", "threads_of"]


def runtime_of(cell: Cell) -> str:
    """The name of the runtime that the cell's artifact runs in."""
    return cell.runtime or FORMATS[cell.format].traits.runtimes[0]


def threads_of(cell: Cell) -> int | None:
    """The threads that the cell's runtime shall use; ``None`` on other devices than the host's own CPU."""
    return cell.threads if DEVICES[cell.device].traits.is_host else None


def _pool_of(cell: Cell) -> int | None:
    return threads_of(cell) if cell.kind == LATENCY else None


@dataclass
class Hosts:
    """One host per kind of host, made when it is first asked for, next to the run's own ``processes``."""

    processes: Processes
    _hosts: dict[Callable[[HostContext], RuntimeHost], RuntimeHost] = field(default_factory=dict)

    def of(self, cell: Cell) -> RuntimeHost:
        """The host of the cell's runtime."""
        return self._of(runtime_of(cell))

    def _of(self, runtime: str) -> RuntimeHost:
        make = RUNTIMES[runtime].host
        if make not in self._hosts:
            self._hosts[make] = make(self.processes)
        return self._hosts[make]

    def prepare(self, cells: Iterable[Cell], *, for_memory: bool) -> None:
        """Open the runtimes of these cells in the background; latency cells need what measures memory too if asked."""
        wanted: dict[tuple[str, int | None], bool] = {}
        for cell in cells:
            key = runtime_of(cell), _pool_of(cell)
            wanted[key] = wanted.get(key, False) or (for_memory and cell.kind == LATENCY)
        for (runtime, threads), memory in wanted.items():
            with suppress(Lab4Error):  # the cell that needs it says so
                self._of(runtime).prepare(runtime, threads, for_memory=memory)

    def require(self, cell: Cell) -> None:
        """Wait for the cell's runtime; raises `UnavailableError` where it is not here."""
        self.of(cell).require(runtime_of(cell), _pool_of(cell))

    def facts(self, cells: Iterable[Cell]) -> list[HostFacts]:
        """What the hosts say of the runtimes of these cells; those that are not here say nothing."""
        found = []
        for runtime in dict.fromkeys(map(runtime_of, cells)):
            with suppress(Lab4Error):
                found.append(self._of(runtime).describe(runtime))
        return found

    def quiet(self) -> None:
        """Wait until nothing works in the background."""
        self.processes.quiet()
        for host in self._hosts.values():
            host.quiet()

    def close(self) -> None:
        """End every process; a second time does nothing."""
        with ExitStack() as closing:  # whatever a host of another package raises, the others are closed
            closing.callback(self.processes.close)
            for host in self._hosts.values():
                closing.callback(host.shutdown)
