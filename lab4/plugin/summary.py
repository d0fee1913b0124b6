"""What a run says when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab4.domain.untyped import Untyped
    from lab4.plugin.output import Output

NOT_DISTRIBUTED = "not measured: tests that run at once disturb each other's timing; leave out -n (pytest-xdist)"


def summarize(output: Output, terminal: Untyped) -> None:  # pytest's type is private
    """Show the tables, what the gate says, where the files are, and how to continue."""
    if not output.started:
        terminal.write_line("lab4: the run ended before its first cell; nothing was measured", yellow=True)
        return
    if output.failure is not None:
        terminal.write_line(f"lab4: {output.failure}", red=True)
        return
    terminal.section("figures")
    terminal.write_line(output.tables)
    if output.judgement is not None:
        terminal.section("gate")
        terminal.write_line(output.judgement.text)
    for path in output.paths:
        terminal.write_line(f"lab4: wrote {path}")
    for fault in output.faults:
        terminal.write_line(f"lab4: {fault}", red=True)
    if not output.complete:
        done, planned = output.counts
        terminal.write_line(
            f"lab4: the run was interrupted with {done} of {planned} cells measured; "
            "run the same command with --lab4-resume to continue",
            yellow=True,
        )


def distributed_summary(terminal: Untyped) -> None:  # pytest's type is private
    """Say, once and visibly, that cells were skipped: a run that measures nothing must not look like one that did."""
    skipped = sum(NOT_DISTRIBUTED in str(report.longrepr) for report in terminal.stats.get("skipped", ()))
    if skipped:
        terminal.write_line(f"lab4: {skipped} cells {NOT_DISTRIBUTED}", yellow=True)
