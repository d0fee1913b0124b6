"""Writes a gate's reports to files."""

from collections.abc import Mapping
from pathlib import Path

from lab4.analysis.gate.verdict import ExitCode, GateResult
from lab4.domain.errors import OutputError
from lab4.domain.text import valid_text
from lab4.report.gate import GATE_REPORTS
from lab4.storage.atomic import write_atomically

__all__ = ["code_of", "write_reports"]


def write_reports(gate: GateResult, paths: Mapping[str, Path]) -> dict[str, str]:
    """Write each report that has a path; return, by report, why a file could not be written."""
    faults = {name: _fault(path, GATE_REPORTS[name](gate)) for name, path in paths.items()}
    return {name: fault for name, fault in faults.items() if fault is not None}


def _fault(path: Path, text: str) -> str | None:
    try:
        write_atomically(path, valid_text(text).encode())
    except OutputError as error:
        return str(error)
    return None


def code_of(gate: GateResult, faults: Mapping[str, str]) -> ExitCode:
    """The exit code of a command that could not write these reports; a regression has precedence."""
    return ExitCode.CANNOT_JUDGE if faults and gate.exit_code is not ExitCode.REGRESSION else gate.exit_code
