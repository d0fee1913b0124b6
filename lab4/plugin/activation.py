"""From collected cells to a session that is registered, and back to it from a test's fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab4.domain.errors import Lab4Error
from lab4.plugin import NOT_DISTRIBUTED
from lab4.plugin.items import cell_of, is_cell, is_of_suite, key_of
from lab4.plugin.recording import usage_errors
from lab4.plugin.session import Lab4Session
from lab4.plugin.settings import settings_of, settings_with
from lab4.plugin.suites import suites_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_SESSION: pytest.StashKey[Lab4Session] = pytest.StashKey()


def session_of(config: pytest.Config) -> Lab4Session:
    """The active session; skips where there is none, in the processes of xdist."""
    if _SESSION not in config.stash:
        pytest.skip(NOT_DISTRIBUTED)
    return config.stash[_SESSION]


def activate(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Register the session; of a run that is resumed, leave out what it has measured.

    Raises:
        pytest.UsageError: if pytest-benchmark is not active, a cell is there twice, or the run cannot continue.
    """
    with usage_errors():
        settings = settings_with(settings_of(config), suites_of(items), config, set(_models_of(items)))
        if not config.pluginmanager.has_plugin("pytest-benchmark"):
            raise Lab4Error(
                "the plugin pytest-benchmark is not active, which records what is measured; leave out -p no:benchmark, "
                "or add -p pytest_benchmark.plugin where plugins are not loaded by themselves"
            )
        if config.getoption("setupplan", default=False) or config.getoption("setuponly", default=False):
            raise Lab4Error("--setup-only and --setup-plan measure nothing; list the cells with --collect-only")
        keys = [key_of(item) for item in items if is_cell(item)]
        _require_once(items)
        if config.pluginmanager.has_plugin("warnings"):  # else there are none to ignore, and no such marker
            for item in filter(is_cell, items):
                # A cell that fails or is not available has not used the fixture, and is reported once, as what it is.
                item.add_marker(pytest.mark.filterwarnings("ignore:Benchmark fixture was not used"))
        session = config.stash[_SESSION] = Lab4Session(config, settings, keys)
        done = session.output.resume()
    # What a project's own test asserts is asserted again.
    finished = [item for item in items if is_cell(item) and key_of(item) in done and not is_of_suite(item)]
    session.plan.skip([key_of(item) for item in finished])
    if finished:
        items[:] = [item for item in items if item not in finished]
        config.hook.pytest_deselected(items=finished)
    config.pluginmanager.register(session, "lab4-session")


def _models_of(items: list[pytest.Item]) -> Iterator[str]:
    return (cell_of(item).model for item in items if is_cell(item))


def _require_once(items: list[pytest.Item]) -> None:
    """Refuse a cell that two tests would measure: a run has one figure of each."""
    seen: dict[str, pytest.Item] = {}
    for item in filter(is_cell, items):
        other = seen.setdefault(key_of(item), item)
        if other is not item:
            raise Lab4Error(
                f"the cell {key_of(item)} would be measured twice, by {other.nodeid} and {item.nodeid}; leave out "
                "--count of pytest-repeat, or select one of the tests (longer profiles measure more: --lab4-profile)"
            )
