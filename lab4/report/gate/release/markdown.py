"""A release as Markdown, for the summary of a GitHub step or a merge request's comment."""

from collections.abc import Sequence

from lab4.analysis.release.verdict import ReleaseResult, ReleaseVerdict
from lab4.report.gate.markdown import MAX_ROWS, annotation, code
from lab4.report.gate.release.words import (
    COLUMNS,
    MACHINE_COLUMNS,
    attributions,
    machine_row,
    ordered,
    row,
    summary,
    unjudged,
    where,
)
from lab4.report.markdown import escape


def render(release: ReleaseResult) -> str:
    """A heading, a table of what changed and where, its causes, and a table of the machines."""
    found = ordered(release)
    lines = [f"### {escape(summary(release))}", ""]
    lines += [*(f"- {escape(each)}" for each in (*unjudged(release), *attributions(found))), ""]
    if found:
        lines += _table((*COLUMNS, "why"), [_row(each) for each in found[:MAX_ROWS]])
    if len(found) > MAX_ROWS:
        lines += [f"{len(found) - MAX_ROWS} more are in the JSON.", ""]
    if release.machines:
        lines += _table(MACHINE_COLUMNS, [tuple(map(escape, machine_row(each))) for each in release.machines])
    return "\n".join([*lines, *(f"- {escape(note)}" for note in release.notes), ""])


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    head = [f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}"]
    return [*head, *(f"| {' | '.join(each)} |" for each in rows), ""]


def _row(found: ReleaseVerdict) -> tuple[str, ...]:
    outcome, place, cell, *others = row(found)
    outcome = f"**{outcome.removesuffix('!')}**" if found.verdict.stops else outcome
    return outcome, escape(place), code(cell), *map(escape, others), escape(found.verdict.reason)


def annotations(release: ReleaseResult) -> str:
    """GitHub's workflow commands, a line for each verdict that stops, and each machine without one."""
    lines = [annotation("machine", each) for each in unjudged(release)]
    for each in ordered(release):
        if each.verdict.stops:
            title = f"{each.verdict.outcome.value} {each.verdict.figure} of {each.verdict.cell} on {where(each)}"
            lines.append(annotation(title, each.verdict.reason))
    return "\n".join(lines)
