"""Cells and figures that are on one side only, and cells that were not measured: named, never passed over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from lab4.analysis.figures import FIGURES, TAILS
from lab4.analysis.gate.commands import measuring
from lab4.analysis.gate.verdict import ExitCode, Judged, Verdict
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures, RunFigures

__all__ = ["MEASUREMENT", "judge_presence", "require_measured"]

#: What a verdict on a whole cell has in place of a figure.
MEASUREMENT = "measurement"


def require_measured(runs: Sequence[RunFigures], side: str, *, each: bool = False) -> None:
    """Refuse runs that measured nothing by `Lab4Error`: there is nothing to pass. With ``each`` every one must have."""
    empty = [run.source for run in runs if all(cell.state != "measured" for cell in run.cells.values())]
    names = ", ".join(empty)
    if len(empty) == len(runs):
        raise Lab4Error(f"the {side} has no measured cell ({names}); {_remedy(runs[-1])}")
    if empty and each:
        raise Lab4Error(f"a run of the {side} has no measured cell ({names}); leave it out, or measure it again")


def _remedy(run: RunFigures) -> str:
    """Why a run measured nothing, or how to measure its cells."""
    failed = next(((key, cell) for key, cell in run.cells.items() if cell.state in {"failed", "unavailable"}), None)
    if failed is not None:
        return f"{failed[0]}: {failed[1].state}: {failed[1].reason}"
    return f"measure it with: {measuring(run.cells, run.settings.profile)}"


def judge_presence(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], *, paired: bool = False
) -> list[Judged]:
    """Judge what cannot be judged by its value, since one side has none.

    The candidate has what its last run has, unless its runs were measured in turns (``paired``), whose later ones are
    of undecided cells and their kin only. A cell that was cut short or failed in any of them is told as such.
    """
    before, latest = _best(baselines), _best(candidates) if paired else dict(candidates[-1].cells)
    after = latest | _interrupted(candidates, latest) | _failed(candidates)
    gone = dict.fromkeys(cell for run in candidates for cell in run.cells if cell not in after)
    new = [cell for cell in after if cell not in before]
    judged = []
    for cell, found in before.items():
        if cell not in gone:
            judged += _cell(cell, found, after.get(cell), new)
    judged += [_new(cell, after[cell]) for cell in new]
    lost = {cell for cell in gone if not baselines or (cell in before and before[cell].state == "measured")}
    return judged + [_gone(cell, stops=cell in lost) for cell in gone]


def _best(runs: Sequence[RunFigures]) -> dict[str, CellFigures]:
    """Each cell as its last run measured it; where none did, as the last one left it."""
    found: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if key not in found or cell.state == "measured" or found[key].state != "measured":
                found[key] = cell
    return found


def _interrupted(runs: Sequence[RunFigures], latest: Mapping[str, CellFigures]) -> dict[str, CellFigures]:
    """Cells that were cut short in any run, and not gone since: what is half-written hides behind no whole run."""
    found: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "interrupted" and key in latest and latest[key].state in {"measured", "interrupted"}:
                reason = cell.reason or "the run was interrupted in this cell"
                found[key] = replace(cell, reason=f"{reason} ({run.source})")
    return found


def _failed(runs: Sequence[RunFigures]) -> dict[str, CellFigures]:
    """Cells that failed in any run: those in which they did not are no excuse."""
    found: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "failed":
                count = sum(key in other.cells and other.cells[key].state == "failed" for other in runs)
                times = "" if count == len(runs) else f" (in {count} of {len(runs)} runs)"
                found[key] = CellFigures("failed", reason=f"{cell.reason}{times}")
    return found


def _cell(cell: str, before: CellFigures, after: CellFigures | None, new: Sequence[str]) -> list[Judged]:
    if before.state != "measured":
        return _not_before(cell, before, after)
    if after is None:
        near = get_close_matches(cell, new, 1)
        hint = f"; is it {near[0]} now?" if near else ""
        reason = f"not in the candidate: removed, renamed or not selected{hint}"
        return [Judged(cell, MEASUREMENT, Verdict.MISSING, reason, stops=ExitCode.REGRESSION)]
    if after.state == "interrupted":
        return [Judged(cell, MEASUREMENT, Verdict.INCONCLUSIVE, after.reason, stops=ExitCode.CANNOT_JUDGE)]
    if after.state != "measured":
        reason = f"{after.state}: {after.reason}"
        return [Judged(cell, MEASUREMENT, Verdict.MISSING, reason, stops=ExitCode.REGRESSION)]
    return _figures(cell, before, after)


def _not_before(cell: str, before: CellFigures, after: CellFigures | None) -> list[Judged]:
    if after is None:
        return []
    if after.state == "measured":
        return [_half_written(cell) if before.state == "interrupted" else _new(cell, after)]
    reason = f"not measured on either side: {after.reason or before.reason}"
    stops = ExitCode.CANNOT_JUDGE if after.state in {"failed", "interrupted"} else ExitCode.PASSED
    return [Judged(cell, MEASUREMENT, Verdict.INCONCLUSIVE, reason, stops=stops)]


def _half_written(cell: str) -> Judged:
    """The verdict on a cell that every run of the baseline was to measure, and none did: it is not new."""
    reason = "the baseline's runs were interrupted before or in this cell: give one that has it"
    return Judged(cell, MEASUREMENT, Verdict.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE)


def _figures(cell: str, before: CellFigures, after: CellFigures) -> list[Judged]:
    judged = []
    for name, figure in FIGURES.items():
        if not figure.judged or (name in before.values) == (name in after.values):
            continue
        if name in after.values:
            judged.append(Judged(cell, name, Verdict.NEW, "not in the baseline"))
        elif name in after.missing:  # the run says why; of a percentile, that it has too few calls, which is no fault
            stops = ExitCode.PASSED if name in TAILS else ExitCode.CANNOT_JUDGE
            judged.append(Judged(cell, name, Verdict.INCONCLUSIVE, after.missing[name], stops=stops))
        else:
            reason = "in the baseline and not in the candidate"
            judged.append(Judged(cell, name, Verdict.MISSING, reason, stops=ExitCode.REGRESSION))
    return judged


def _new(cell: str, found: CellFigures) -> Judged:
    if found.state == "measured":
        return Judged(cell, MEASUREMENT, Verdict.NEW, "not measured in the baseline")
    stops = ExitCode.PASSED if found.state == "unavailable" else ExitCode.CANNOT_JUDGE
    return Judged(cell, MEASUREMENT, Verdict.INCONCLUSIVE, f"new, and {found.state}: {found.reason}", stops=stops)


def _gone(cell: str, *, stops: bool) -> Judged:
    """The verdict on a cell of earlier runs of the candidate alone; one that no baseline has is only told."""
    reason = "in an earlier run of the candidate and not in its last: removed, renamed or not selected"
    return Judged(cell, MEASUREMENT, Verdict.MISSING, reason, stops=ExitCode.REGRESSION if stops else ExitCode.PASSED)
