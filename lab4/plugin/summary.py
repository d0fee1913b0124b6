"""What a run says when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab4.domain.untyped import Untyped
    from lab4.plugin.output import Output

__all__ = ["summarize"]


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
