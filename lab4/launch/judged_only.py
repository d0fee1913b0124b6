"""Arguments that leave out what the gate does not judge, where every side of a comparison supports them."""

from collections.abc import Iterable

from lab4.domain.errors import UnavailableError
from lab4.launch.side import LaunchSide

#: The gate judges no other resource, and measuring them takes longer than the cells.
_JUDGED_RESOURCES = ("--lab4-resources", "memory")
_PROBE = "from lab4.plugin.options import OPTIONS; print(*(option.flag for option in OPTIONS))"


def judged_only(sides: Iterable[LaunchSide]) -> tuple[str, ...]:
    """These arguments of pytest; none where a side's lab4 does not know them, so that all sides do the same."""
    flag = _JUDGED_RESOURCES[0]
    return _JUDGED_RESOURCES if all(flag in _flags(side) for side in sides) else ()


def _flags(side: LaunchSide) -> list[str]:
    """The options of the side's lab4; none where they cannot be read: the run itself then reports the error."""
    try:
        return side.output_of(_PROBE)
    except UnavailableError:
        return []
