"""A gate's verdicts as text, JSON, JUnit XML and Markdown."""

from collections.abc import Callable

from lab4.analysis.gate.verdict import GateResult
from lab4.domain.registry import Registry

__all__ = ["GATE_REPORTS"]

#: Renderers by the name of their option.
GATE_REPORTS: Registry[Callable[[GateResult], str]] = Registry(
    "gate report",
    {
        "json": "lab4.report.gate.as_json:render",
        "junit": "lab4.report.gate.junit:render",
        "markdown": "lab4.report.gate.markdown:render",
    },
)
