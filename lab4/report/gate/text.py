"""The gate on a terminal."""

import os

from lab4.analysis.gate.verdict import GateResult
from lab4.analysis.release.verdict import ReleaseResult
from lab4.domain.text import listed
from lab4.report.columns import fitted, wrapped
from lab4.report.gate.release import text as release
from lab4.report.gate.words import COLUMNS, by_severity, columns, notable, self_check_lines, summary


def printed(gate: GateResult | ReleaseResult, *, everything: bool = False, width: int | None = None) -> str:
    """What a gate prints: its text, with tables of so many characters, and annotations in GitHub's workflows."""
    in_workflow = os.environ.get("GITHUB_ACTIONS") == "true"
    if isinstance(gate, ReleaseResult):
        parts = [release.render(gate, everything=everything, width=width)]
        if in_workflow:
            from lab4.report.gate.release.markdown import annotations as of_release  # loads the templates' engine

            parts.append(of_release(gate))
    else:
        parts = [render(gate, everything=everything, width=width)]
        if in_workflow:
            from lab4.report.gate.markdown import annotations  # the same

            parts.append(annotations(gate))
    return "\n".join(filter(None, parts))


def render(gate: GateResult, *, everything: bool = False, width: int | None = None) -> str:
    """Notes, a table of what changed (with ``everything`` of all), the reasons, the self-check, and a summary.

    Lines of the table have at most ``width`` characters, where that is given.
    """
    shown = by_severity(gate.verdicts) if everything else notable(gate.verdicts)
    lines = [f"note: {note}" for note in gate.notes]
    if shown:
        rows = [
            (f"{verdict.outcome.value}{'!' if verdict.stops else ''}", verdict.cell, verdict.figure, *columns(verdict))
            for verdict in shown
        ]
        lines += ["", *fitted([("verdict", "cell", "figure", *COLUMNS), *rows], width, keys=3), ""]
    # One line per reason, with the first verdict that has it and the number of others.
    named: dict[tuple[str, str], list[str]] = {}
    for verdict in shown:
        named.setdefault((verdict.outcome.value, verdict.reason), []).append(f"{verdict.cell} {verdict.figure}")
    for (outcome, reason), names in named.items():
        lines.append(f"{outcome}: {listed(names, 1)}: {reason}")
    hidden = len(gate.verdicts) - len(shown)
    if hidden:
        counted = "1 figure is" if hidden == 1 else f"{hidden} figures are"
        lines += ["", f"{counted} as before, new or not comparable (shown by --all)."]
    lines += ["", *self_check_lines(gate), summary(gate)]
    return "\n".join(wrapped(lines, width)).lstrip("\n")
