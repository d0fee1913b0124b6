"""A gate's verdicts where people look: the terminal, JSON, JUnit XML and a page of GitHub's."""

from collections.abc import Callable

from lab4.analysis.gate.verdict import Gate
from lab4.domain.registry import Registry

__all__ = ["GATE_REPORTS"]

#: Renderers by the name of their option.
GATE_REPORTS: Registry[Callable[[Gate], str]] = Registry(
    "gate report",
    {
        "json": "lab4.report.gate.as_json:render",
        "junit": "lab4.report.gate.junit:render",
        "markdown": "lab4.report.gate.markdown:render",
    },
)
