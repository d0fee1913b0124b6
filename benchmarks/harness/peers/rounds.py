"""Contenders in processes of their own, which take turns in rounds of random order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.harness.crosscheck.ranks import median_interval
from lab4.bench.worker import Worker
from lab4.domain.errors import Lab4Error
from lab4.sampling.quantiles import median

__all__ = ["Contender", "ratio_text", "take_turns", "workers"]

_LIMIT_S = 600.0


@dataclass
class Contender:
    """One of the contenders: ``measure`` returns seconds by what they are of; ``found`` has those of all rounds."""

    name: str
    measure: Callable[[], dict[str, float]]
    found: dict[str, list[float]] = field(default_factory=dict)
    refused: str = ""

    def take(self) -> None:
        """Measure once; after its first failure it is not asked again."""
        if self.refused:
            return
        try:
            for content, seconds in self.measure().items():
                self.found.setdefault(content, []).append(seconds)
        except Lab4Error as error:
            self.refused = str(error)

    def least_s(self, content: str) -> float | None:
        """The least of the rounds, which others on the machine have disturbed least; ``None`` as `median_s`."""
        values = self.found.get(content)
        return min(values) if values and not self.refused else None

    def median_s(self, content: str) -> float | None:
        """The median of the rounds; ``None`` where it was not measured."""
        values = self.found.get(content)
        return median(values) if values and not self.refused else None


@contextmanager
def workers(folder: Path) -> Iterator[Callable[[str], Worker]]:
    """Processes by name, ended at the end."""
    made: dict[str, Worker] = {}

    def of(name: str) -> Worker:
        if name not in made:
            made[name] = Worker(name, folder / f"{len(made)}.log", _LIMIT_S)
        return made[name]

    try:
        yield of
    finally:
        for worker in made.values():
            worker.close()


def take_turns(contenders: Sequence[Contender], rounds: int, seed: int = 1) -> None:
    """Let each measure once per round, in an order of chance, so that the machine's moments meet all alike."""
    random = Random(seed)  # noqa: S311  # an order, not a secret
    for _ in range(rounds):
        for contender in random.sample(contenders, len(contenders)):
            contender.take()


def ratio_text(one: Contender, other: Contender, content: str) -> str:
    """How many times as long ``one`` takes as ``other``: the median of the rounds, with its 95% interval by ranks."""
    pairs: Any = zip(one.found.get(content, ()), other.found.get(content, ()), strict=False)
    ratios = [mine / its for mine, its in pairs]
    if not ratios or one.refused or other.refused:
        return ""
    low, high = median_interval(ratios)
    return f"{median(ratios):.2f} ({low:.2f} to {high:.2f})"
