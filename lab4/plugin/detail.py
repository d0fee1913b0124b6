"""Cells that only add detail: a profile may leave them out where no cells are selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab4.bench.cells import decides
from lab4.domain.text import counted
from lab4.plugin.items import cell_of, is_cell, is_of_suite
from lab4.plugin.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab4.bench.cells import Axes

_LEFT_OUT: pytest.StashKey[int] = pytest.StashKey()


def without_detail(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """The items without cells that only add detail, if the profile leaves them out and no cells are selected.

    What is left out is reported as deselected.
    """
    settings = settings_of(config)
    if not settings.only_deciding:
        return items
    left_out = list(_detail(items, settings.axes))
    if left_out:
        config.stash[_LEFT_OUT] = len(left_out)
        config.hook.pytest_deselected(items=left_out)
    return [item for item in items if item not in left_out]


def _detail(items: Iterable[pytest.Item], axes: Axes) -> Iterable[pytest.Item]:
    for item in items:
        if is_cell(item) and not is_of_suite(item) and not decides(cell_of(item), axes):
            yield item


def remarks_on_detail(config: pytest.Config) -> tuple[str, ...]:
    """What to say of the cells that were left out."""
    count = config.stash.get(_LEFT_OUT, 0)
    what = counted(count, "cell")
    return (f"{what} that only add detail are left out by the profile; --lab4-all measures them",) if count else ()
