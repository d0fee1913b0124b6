"""What a gate prints: its text, and on GitHub the annotations that its pages show."""

import os

from lab4.analysis.gate.verdict import Gate
from lab4.report.gate.text import render

__all__ = ["printed"]


def printed(gate: Gate, *, everything: bool = False) -> str:
    """The text of the verdicts, with ``everything`` also of what is the same; in GitHub's workflows annotations too."""
    lines = [render(gate, everything=everything)]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from lab4.report.gate.markdown import annotations  # loads the templates' engine

        lines += filter(None, [annotations(gate)])
    return "\n".join(lines)
