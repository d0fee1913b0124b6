"""What a gate prints: its text, and annotations in GitHub's workflows."""

import os

from lab4.analysis.gate.verdict import GateResult
from lab4.report.gate.text import render

__all__ = ["printed"]


def printed(gate: GateResult, *, everything: bool = False) -> str:
    """The verdicts as text, with ``everything`` also *same* ones; in GitHub's workflows annotations too."""
    lines = [render(gate, everything=everything)]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from lab4.report.gate.markdown import annotations  # loads the templates' engine

        lines += filter(None, [annotations(gate)])
    return "\n".join(lines)
