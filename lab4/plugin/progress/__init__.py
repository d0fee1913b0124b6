"""What a run shows while it works: a display in a terminal, a line now and then in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab4.domain.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

#: How progress is shown, by the name that ``--lab4-progress`` takes.
MODES: Registry[Callable[..., Any]] = Registry(
    "progress",
    {
        "auto": "lab4.plugin.progress.displays:auto",
        "live": "lab4.plugin.progress.displays:live",
        "lines": "lab4.plugin.progress.displays:lines",
        "steps": "lab4.plugin.progress.displays:steps",
        "off": "lab4.plugin.progress.displays:off",
    },
)
