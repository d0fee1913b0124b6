"""Copies of a known number of bytes: what memory and cache can deliver."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

__all__ = ["cache_bytes", "copying", "last_level_cache_bytes", "memory_bytes"]

_MIB = 2**20
#: STREAM's rule (McCalpin): arrays of at least four times the last-level cache.
_TIMES_CACHE = 4
#: A host's cache may be larger than this virtual machine's share of it, and memory is not endless.
_LEAST_MEMORY, _MOST_MEMORY = 64 * _MIB, 512 * _MIB
#: Larger than the weights of the lab's models, smaller than what one core can use of any processor's last level.
_MOST_CACHE = 4 * _MIB


def last_level_cache_bytes(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> int | None:
    """Bytes of the largest cache that Linux reports; ``None`` elsewhere and where a virtual machine hides it."""
    found = [_bytes(path.read_text(encoding="ascii").strip()) for path in folder.glob("index*/size")]
    return max(found, default=None)


def memory_bytes(cache: int | None) -> int:
    """Bytes of a buffer that no cache of ``cache`` bytes holds."""
    return min(max(_LEAST_MEMORY, _TIMES_CACHE * (cache or 0)), _MOST_MEMORY)


def cache_bytes(cache: int | None) -> int:
    """Bytes of a buffer that stays, with its copy, in a quarter of a cache of ``cache`` bytes."""
    return min((cache or _MOST_CACHE) // 8, _MOST_CACHE)


@contextmanager
def copying(size: int, threads: int, times: int) -> Iterator[Callable[[], None]]:
    """A call that copies ``size`` bytes ``times`` times over, each of ``threads`` threads its own part of them."""
    # Written once, every byte: pages never written are all the same page of zeros, which the cache holds.
    source, target = np.ones(size, np.uint8), np.ones(size, np.uint8)
    parts = list(zip(np.array_split(source, threads), np.array_split(target, threads), strict=True))

    def part(number: int) -> None:
        read, written = parts[number]
        for _ in range(times):
            np.copyto(written, read)  # without Python's lock

    if threads == 1:
        yield lambda: part(0)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield lambda: list(pool.map(part, range(threads))).clear()


def _bytes(text: str) -> int:
    """Bytes of a size as Linux writes it: ``32768K``."""
    units = {"K": 2**10, "M": _MIB, "G": 2**30}
    return int(text[:-1]) * units[text[-1]] if text[-1:] in units else int(text)
