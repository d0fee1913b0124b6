"""Prints the gate's verdicts and writes its reports."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from lab4.cli.shared import note
from lab4.domain.errors import Lab4Error
from lab4.domain.text import printable

if TYPE_CHECKING:
    from lab4.analysis.gate.verdict import GateResult

__all__ = ["REPORTS", "report", "report_unjudged"]

#: Reports that an option of their name writes; by name, as `lab4 --help` must load none.
REPORTS = ("json", "junit", "markdown")


def report(arguments: Namespace, gate: "GateResult") -> int:
    """Write the requested files, print the verdicts, and return the exit code.

    Files that could not be written are reported after the verdicts.
    """
    from lab4.report.gate.console import printed
    from lab4.report.gate.written import code_of, write_reports

    faults = write_reports(gate, _requested(arguments))
    print(printed(gate, everything=arguments.all), flush=True)
    for fault in faults.values():
        print(f"lab4: error: {printable(fault)}", file=sys.stderr)
    return int(code_of(gate, faults))


def report_unjudged(arguments: Namespace, error: Lab4Error) -> None:
    """Write into the requested files why nothing was judged, so that they do not keep an earlier pass."""
    from lab4.analysis.gate.verdict import failed_gate
    from lab4.report.gate.written import write_reports

    for fault in write_reports(failed_gate(error), _requested(arguments)).values():
        note(fault)


def _requested(arguments: Namespace) -> dict[str, Path]:
    return {name: path for name in REPORTS if (path := getattr(arguments, name)) is not None}
