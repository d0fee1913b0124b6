"""Deliberate changes: accepted once, with a reason, and part of the baseline from then on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.policy import Rule
from lab4.analysis.gate.presence import MEASUREMENT
from lab4.analysis.gate.verdict import Judged, Verdict
from lab4.domain.blessing import Blessing
from lab4.domain.figures import CellFigures, RunFigures
from lab4.domain.moment import moment

__all__ = ["blessed", "blessings_of"]


def blessed(runs: Sequence[RunFigures], blessings: Iterable[Blessing], *, whenever: bool = False) -> list[RunFigures]:
    """The runs as they would have been with every accepted change in them; later runs have it already.

    ``whenever`` is for code from before the changes that was run after them.
    """
    changed = list(runs)
    for each in sorted(blessings, key=lambda each: moment(each.started_at)):
        since = moment(each.started_at)
        changed = [_with(run, each) if whenever or moment(run.started_at) < since else run for run in changed]
    return changed


def _with(run: RunFigures, each: Blessing) -> RunFigures:
    cell = run.cells.get(each.cell)
    if cell is None:
        return run
    if each.figure == MEASUREMENT:
        return replace(run, cells={key: value for key, value in run.cells.items() if key != each.cell})
    if each.factor is each.value is None:
        return replace(run, cells={**run.cells, each.cell: _without(cell, each.figure)})
    return replace(run, cells={**run.cells, each.cell: _moved(cell, each)})


def _without(cell: CellFigures, figure: str) -> CellFigures:
    """The cell where a figure is no longer told."""
    values, corrected = (
        {name: value for name, value in told.items() if name != figure} for told in (cell.values, cell.corrected)
    )
    return replace(cell, values=values, corrected=corrected)


def _moved(cell: CellFigures, each: Blessing) -> CellFigures:
    if each.figure not in cell.values:
        return cell
    if FIGURES[each.figure].nature is Nature.TIMED and each.factor is not None:
        values, corrected = dict(cell.values), dict(cell.corrected)
        values[each.figure] *= each.factor
        if each.figure in corrected:
            corrected[each.figure] *= each.factor
        return replace(cell, values=values, corrected=corrected)
    values = dict(cell.values)
    if each.value is not None:
        values[each.figure] = each.value
    correct = cell.correct if each.correct is None else each.correct
    return replace(cell, values=values, correct=correct)


def blessings_of(  # noqa: PLR0913  # what a blessing says
    judged: Iterable[Judged],
    candidates: Sequence[RunFigures],
    rule: Rule,
    reason: str,
    by: str,
    *,
    paired: bool = False,
) -> list[Blessing]:
    """Accept every verdict that stops for the worse and that ``rule`` covers, as the candidate's last run has it.

    Budgets are not of the baseline, and stay as the policy has them. Runs have the changes from the candidate's first
    on; where sides were measured in turns (``paired``), from its last on, as the baseline's runs lie between.
    """
    since = candidates[-1].started_at if paired else min((run.started_at for run in candidates), key=moment)
    return [
        _blessing(each, _last(each, candidates), Blessing(each.cell, each.figure, since, reason, by))
        for each in judged
        if each.stops and not each.of_budget and each.verdict in {Verdict.WORSE, Verdict.MISSING}
        if rule.covers(each.cell, each.figure)
    ]


def _last(each: Judged, runs: Sequence[RunFigures]) -> CellFigures | None:
    """The cell in the last run that has the figure: one that was decided early is not in the later ones."""
    cells = [run.cells[each.cell] for run in runs if each.cell in run.cells]
    return next((cell for cell in reversed(cells) if cell.state == "measured" and each.figure in cell.values), None)


def _blessing(each: Judged, cell: CellFigures | None, plain: Blessing) -> Blessing:
    if cell is None:  # the cell or the figure is gone
        return plain
    nature = FIGURES[each.figure].nature
    if nature is Nature.TIMED:
        return replace(plain, factor=1 + (each.evidence.change or 0.0))
    return replace(plain, value=cell.values[each.figure], correct=cell.correct if nature is Nature.PAIRED else None)
