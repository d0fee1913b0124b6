"""What a distributed run says of its cells, which it does not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab4.domain.untyped import Untyped

__all__ = ["NOT_DISTRIBUTED", "distributed_summary"]

NOT_DISTRIBUTED = "not measured: tests that run at once disturb each other's timing; leave out -n (pytest-xdist)"


def distributed_summary(terminal: Untyped) -> None:  # pytest's type is private
    """Say, once and visibly, that cells were skipped: a run that measures nothing must not look like one that did."""
    skipped = sum(NOT_DISTRIBUTED in str(report.longrepr) for report in terminal.stats.get("skipped", ()))
    if skipped:
        terminal.write_line(f"lab4: {skipped} cells {NOT_DISTRIBUTED}", yellow=True)
