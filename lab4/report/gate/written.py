"""A gate's reports as files."""

from collections.abc import Mapping
from pathlib import Path

from lab4.analysis.gate.verdict import ExitCode, Gate
from lab4.domain.errors import OutputError
from lab4.domain.text import valid_text
from lab4.report.gate import GATE_REPORTS
from lab4.storage.atomic import write_atomically

__all__ = ["code_of", "write_reports"]


def write_reports(gate: Gate, paths: Mapping[str, Path]) -> dict[str, str]:
    """Write each report that has a path; returns by its name, for those that could not be, why."""
    faults = {name: _fault(path, GATE_REPORTS[name](gate)) for name, path in paths.items()}
    return {name: fault for name, fault in faults.items() if fault is not None}


def _fault(path: Path, text: str) -> str | None:
    try:
        write_atomically(path, valid_text(text).encode())
    except OutputError as error:
        return str(error)
    return None


def code_of(gate: Gate, faults: Mapping[str, str]) -> ExitCode:
    """How a command ends that could not write these reports: a regression is one even so."""
    return ExitCode.CANNOT_JUDGE if faults and gate.exit_code is not ExitCode.REGRESSION else gate.exit_code
