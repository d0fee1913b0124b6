"""A gate's verdicts as text, JSON, JUnit XML and Markdown, and the files that hold them: of a machine, or a release."""

from collections.abc import Callable, Mapping
from pathlib import Path

from lab4.analysis.gate.verdict import ExitCode, GateResult
from lab4.analysis.release.verdict import ReleaseResult
from lab4.domain.errors import OutputError
from lab4.domain.registry import Registry
from lab4.domain.text import valid_text
from lab4.storage.atomic import write_atomically

__all__ = ["GATE_REPORTS", "RELEASE_REPORTS", "code_of", "report_of", "write_reports"]

#: What a gate ends with.
Judged = GateResult | ReleaseResult

#: Renderers by the name of their option.
GATE_REPORTS: Registry[Callable[[GateResult], str]] = Registry(
    "gate report",
    {
        "json": "lab4.report.gate.as_json:render",
        "junit": "lab4.report.gate.junit:render",
        "markdown": "lab4.report.gate.markdown:render",
    },
)


#: The same of a release.
RELEASE_REPORTS: Registry[Callable[[ReleaseResult], str]] = Registry(
    "release report",
    {
        "json": "lab4.report.gate.release.as_json:render",
        "junit": "lab4.report.gate.release.junit:render",
        "markdown": "lab4.report.gate.release.markdown:render",
    },
)


def report_of(gate: Judged, name: str) -> str:
    """The report of this name on a gate or a release."""
    return RELEASE_REPORTS[name](gate) if isinstance(gate, ReleaseResult) else GATE_REPORTS[name](gate)


def write_reports(gate: Judged, paths: Mapping[str, Path]) -> dict[str, str]:
    """Write each report that has a path; return, by report, why a file could not be written."""
    faults = {}
    for name, path in paths.items():
        text = report_of(gate, name)
        try:
            write_atomically(path, valid_text(text).encode())
        except OutputError as error:
            faults[name] = str(error)
    return faults


def code_of(gate: Judged, faults: Mapping[str, str]) -> ExitCode:
    """The exit code of a command that could not write these reports; a regression has precedence."""
    return ExitCode.CANNOT_JUDGE if faults and gate.exit_code is not ExitCode.REGRESSION else gate.exit_code
