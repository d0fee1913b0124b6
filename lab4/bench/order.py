"""What a run was asked for; apart from the bench, which loads much more."""

from dataclasses import dataclass
from pathlib import Path

from lab4.bench.profiles import Profile
from lab4.bench.resources import RESOURCES
from lab4.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Order:
    """What a run was asked for, apart from its cells.

    ``cell_limit_s`` is how long one job of a cell may take, ``resources`` what is measured besides time.
    """

    dataset: str
    profile: Profile
    seed: int
    cache: Path
    rebuild: bool
    cell_limit_s: float
    resources: tuple[str, ...] = tuple(RESOURCES)
    metrics: tuple[str, ...] = tuple(METRICS.own)
