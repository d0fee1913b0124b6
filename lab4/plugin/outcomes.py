"""Errors of ours to pytest's outcomes, and pytest's reports to ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from lab4.domain.cell import Cell
from lab4.domain.errors import Lab4Error, UnavailableError, system_errors
from lab4.domain.outcome import Failed, Measurement, Unavailable
from lab4.plugin.items import key_of
from lab4.plugin.recording import RECORDED

if TYPE_CHECKING:
    from collections.abc import Iterator


_FAULTS: pytest.StashKey[list[str]] = pytest.StashKey()


@contextmanager
def usage_errors() -> Iterator[None]:
    """Turn an error of ours into pytest's one-line refusal."""
    try:
        with system_errors():
            yield
    except Lab4Error as error:
        raise pytest.UsageError(f"lab4: {error}") from None


@contextmanager
def collection_errors(config: pytest.Config) -> Iterator[None]:
    """Turn a refusal while tests are made into one sentence of the file's, which `refuse_faults` ends the run with."""
    try:
        with usage_errors():
            yield
    except pytest.UsageError as error:
        config.stash.setdefault(_FAULTS, []).append(str(error))
        raise pytest.Collector.CollectError(str(error)) from None


def refuse_faults(config: pytest.Config) -> None:
    """End the run with the first of them; where pytest shall continue after errors, it does.

    Raises:
        pytest.UsageError: the sentence.
    """
    faults = config.stash.get(_FAULTS, [])
    if faults and not config.option.continue_on_collection_errors:
        raise pytest.UsageError(faults[0])


@contextmanager
def outcomes() -> Iterator[None]:
    """Turn an error of ours or of the system, raised in a cell's test or fixture, into a skip or a plain failure."""
    try:
        with system_errors():
            yield
    except UnavailableError as error:
        raise pytest.skip.Exception(str(error)) from None
    except Lab4Error as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def ended(item: pytest.Item, report: pytest.TestReport) -> tuple[Measurement, dict[str, Any] | None]:
    """What a cell's report means: its measurement, and pytest-benchmark's row where it was measured.

    What was recorded before a test failed stays measured: it is the test's own assertion that failed.
    """
    cell = Cell.from_key(key_of(item))
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return Measurement(cell, Unavailable(reason.removeprefix("Skipped: "))), None
    if report.failed and RECORDED not in item.stash:
        return Measurement(cell, Failed(reason_of(report))), None
    measurement, benchmark = item.stash[RECORDED]
    return measurement, benchmark.stats.as_dict(include_data=False)


def reason_of(report: pytest.TestReport) -> str:
    """The last line of what pytest would print: our sentence, or an exception's."""
    text = str(getattr(report.longrepr, "reprcrash", None) or report.longrepr)
    crash = getattr(getattr(report.longrepr, "reprcrash", None), "message", text)
    return str(crash).strip().partition("\n")[0].removeprefix("Failed: ") or "failed without a message"
