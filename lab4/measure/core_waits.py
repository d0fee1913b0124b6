"""How long a process waits for cores that others have, by what Linux counts."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

#: A line of schedstat: nanoseconds on a core, nanoseconds waiting for one, time slices.
_BYTES, _WAITED = 96, 1
_NS_PER_S = 1e9
#: Linux's number of a process's clock: of all bits but these, the inverted number of the process.
_BITS, _OF_PROCESS = 3, 2


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """Seconds: the clock, what all threads have computed, and what they have waited for a core."""

    now: float
    computed: float
    waited: float

    def lost_since(self, earlier: "CoreTimes", cores: int) -> float:
        """The share of the time since then in which others had a core that the process waited for, of so many cores.

        At most: threads that wait for each other do so while another one of them computes.
        """
        passed = self.now - earlier.now
        idle = cores * passed - (self.computed - earlier.computed)
        lost = min(self.waited - earlier.waited, idle)
        return max(0.0, lost) / passed if passed > 0 else 0.0


class CoreWaits:
    """The threads that a process has now.

    Without a process, and where the system does not count, none has ever waited.
    """

    def __init__(self, process: int | None, files: Sequence[int]) -> None:
        self._process, self._files = process, files
        #: Nanoseconds of each thread; those of one that has ended are its last ones.
        self._waited_ns = [0] * len(files)

    def times(self) -> CoreTimes:
        """What there was until now: some 2 us for each thread."""
        now, computed_s = time.perf_counter(), 0.0
        if self._process is not None and self._files:
            with suppress(OSError):  # it has ended
                computed_s = time.clock_gettime((~self._process << _BITS) | _OF_PROCESS)
        for number, file in enumerate(self._files):
            # It has ended, or this kernel writes something else.
            with suppress(OSError, ValueError, IndexError):
                self._waited_ns[number] = int(os.pread(file, _BYTES, 0).split()[_WAITED])
        return CoreTimes(now, computed_s, sum(self._waited_ns) / _NS_PER_S)


#: Of a process that cannot be watched.
NO_WAITS = CoreWaits(None, ())


@contextmanager
def core_waits(process: int | None) -> Iterator[CoreWaits]:
    """Watch the process of this number; ``None`` is one that cannot be watched."""
    files: list[int] = []
    try:
        if process is not None:
            with suppress(OSError):
                for thread in Path(f"/proc/{process}/task").iterdir():
                    with suppress(OSError):  # it has just ended
                        files.append(os.open(thread / "schedstat", os.O_RDONLY))
        yield CoreWaits(process, files)
    finally:
        for file in files:
            os.close(file)
