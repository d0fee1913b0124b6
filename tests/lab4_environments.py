"""The commands that tests/environments calls, how each ends where it works, and the runs that they read."""

from dataclasses import replace

from lab4_examples import RUN

from lab4.domain.cell import Cell
from lab4.domain.observed import PerExample, Size
from lab4.domain.outcome import Measured, Measurement

__all__ = ["BASELINE", "CANDIDATE", "COMMANDS", "READING", "SMALLER"]


def _run(started_at, size_bytes):
    """A run of one cell, whose figures are exact: a gate needs no second one."""
    cell = Cell("examine", "cnn", (), "cpu", None, "tflite_int8")
    found = Measured(metrics={"accuracy": PerExample((True,) * 199 + (False,))}, size=Size(size_bytes, size_bytes - 1))
    return replace(RUN, started_at=started_at, measurements=(Measurement(cell, found),))


CANDIDATE = _run("2026-01-31T12:00:00+00:00", 1_000)
BASELINE = _run("2026-01-01T12:00:00+00:00", 1_000)
SMALLER = _run("2026-01-01T12:00:00+00:00", 900)

#: By its name in these tests: the exit code, and what it prints.
COMMANDS = {
    "worksheet": (0, "worksheet.md"),
    "history": (0, "1 cells"),  # add, then list
    "gate": (0, "gate: passed"),
    "gate --against": (2, "the run of HEAD left no results (pytest ended with 0)"),  # it has started to measure
    "compare": (0, "size"),
    "cache list": (0, "0 entries in"),
}
#: Those that need no git.
READING = [name for name in COMMANDS if name != "gate --against"]
