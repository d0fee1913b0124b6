"""A gate's verdicts as text, JSON, JUnit XML and Markdown, and the files that hold them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from lab4.analysis.gate.verdict import ExitCode, GateResult
from lab4.domain.errors import OutputError
from lab4.domain.registry import Registry
from lab4.domain.text import valid_text
from lab4.storage.atomic import write_atomically

__all__ = ["GATE_REPORTS", "code_of", "write_reports"]

#: Renderers by the name of their option.
GATE_REPORTS: Registry[Callable[[GateResult], str]] = Registry(
    "gate report",
    {
        "json": "lab4.report.gate.as_json:render",
        "junit": "lab4.report.gate.junit:render",
        "markdown": "lab4.report.gate.markdown:render",
    },
)


def write_reports(gate: GateResult, paths: Mapping[str, Path]) -> dict[str, str]:
    """Write each report that has a path; return, by report, why a file could not be written."""
    faults = {}
    for name, path in paths.items():
        text = GATE_REPORTS[name](gate)
        try:
            write_atomically(path, valid_text(text).encode())
        except OutputError as error:
            faults[name] = str(error)
    return faults


def code_of(gate: GateResult, faults: Mapping[str, str]) -> ExitCode:
    """The exit code of a command that could not write these reports; a regression has precedence."""
    return ExitCode.CANNOT_JUDGE if faults and gate.exit_code is not ExitCode.REGRESSION else gate.exit_code
