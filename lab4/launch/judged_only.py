"""Leaving out of a run what no gate asks for, where every side of a comparison can."""

from collections.abc import Iterable

from lab4.domain.errors import UnavailableError
from lab4.launch.side import Side

__all__ = ["judged_only"]

#: The rest tells what a gate does not ask for, and takes longer than the cells.
_JUDGED_BESIDE_TIME = ("--lab4-resources", "memory")
_PROBE = "from lab4.plugin.options import OPTIONS; print(*(option.flag for option in OPTIONS))"


def judged_only(sides: Iterable[Side]) -> tuple[str, ...]:
    """Arguments of pytest that leave it out; none where a side's lab4 is older than them, so that all do the same."""
    flag = _JUDGED_BESIDE_TIME[0]
    return _JUDGED_BESIDE_TIME if all(flag in _flags(side) for side in sides) else ()


def _flags(side: Side) -> list[str]:
    """The options of the side's lab4; none where it does not say, which the run itself will tell better."""
    try:
        return side.told(_PROBE)
    except UnavailableError:
        return []
