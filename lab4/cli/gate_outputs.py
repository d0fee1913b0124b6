"""Where the gate's verdicts go."""

from argparse import Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab4.analysis.gate.verdict import Gate

__all__ = ["report"]

_FILES = ("json", "junit", "markdown")


def report(arguments: Namespace, gate: "Gate") -> int:
    """Write the files that were asked for, print the verdicts, and return the exit code they ask for."""
    from lab4.history.files import write_atomically
    from lab4.report.gate import GATE_REPORTS
    from lab4.report.gate.console import printed

    for name in _FILES:
        path = getattr(arguments, name)
        if path is not None:
            write_atomically(path, GATE_REPORTS[name](gate).encode())
    print(printed(gate, everything=arguments.all))
    return int(gate.exit_code)
