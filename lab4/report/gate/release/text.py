"""A release on a terminal."""

from lab4.analysis.gate.verdict import VerdictOutcome
from lab4.analysis.release.verdict import ReleaseResult, ReleaseVerdict
from lab4.domain.text import listed
from lab4.report.columns import fitted, wrapped
from lab4.report.gate.release.words import (
    COLUMNS,
    MACHINE_COLUMNS,
    attributions,
    ended,
    machine_row,
    ordered,
    row,
    summary,
    unjudged,
    where,
)

#: What fits a screen.
_MOST_ROWS = 20


def render(release: ReleaseResult, *, everything: bool = False, width: int | None = None) -> str:
    """Notes, the machines that did not pass, what changed and where, its causes, and a summary.

    With ``everything`` all machines and all rows. Tables are at most ``width`` characters wide.
    """
    machines = [each for each in release.machines if everything or ended(each) != "passed"]
    found = ordered(release)
    shown = found if everything else found[:_MOST_ROWS]
    parts = [[f"note: {note}" for note in release.notes]]
    parts.append(fitted([MACHINE_COLUMNS, *map(machine_row, machines)], width) if machines else [])
    if machines and len(machines) < len(release.machines):
        parts[-1].append(f"{len(release.machines) - len(machines)} more passed (shown by --all).")
    parts.append(fitted([COLUMNS, *map(row, shown)], width, keys=4) if shown else [])
    if len(shown) < len(found):
        parts[-1].append(f"{len(found) - len(shown)} more are shown by --all.")
    parts += [[*unjudged(release), *_reasons(shown), *attributions(found)], [summary(release)]]
    return "\n\n".join("\n".join(wrapped(part, width)) for part in parts if part)


def _reasons(shown: list[ReleaseVerdict]) -> list[str]:
    """What a row does not say: why a cell was not measured, or why a change does not stop; a line per reason."""
    named: dict[tuple[str, str, str], list[str]] = {}
    for each in shown:
        verdict = each.verdict
        is_permitted = verdict.outcome is VerdictOutcome.WORSE and not verdict.stops
        if verdict.evidence.change is None or is_permitted:
            key = (verdict.outcome.value, where(each), verdict.reason)
            named.setdefault(key, []).append(f"{verdict.cell} {verdict.figure}")
    return [f"{outcome} on {place}: {listed(names, 1)}: {reason}" for (outcome, place, reason), names in named.items()]
