"""Cells and figures that only one side has, and cells that were not measured: every one is named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.commands import measuring
from lab4.analysis.gate.verdict import ExitCode, Verdict, VerdictOutcome
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures, RunFigures
from lab4.sampling.quantiles import TAILS

__all__ = ["MEASUREMENT", "judge_presence", "require_measured"]

#: The figure of a verdict on a whole cell.
MEASUREMENT = "measurement"


def require_measured(runs: Sequence[RunFigures], side: str, *, each: bool = False) -> None:
    """Raise `Lab4Error` where no run, or with ``each`` not every run, has a measured cell: there is nothing to pass."""
    empty = [run.source for run in runs if all(cell.state != "measured" for cell in run.cells.values())]
    names = ", ".join(empty)
    if len(empty) == len(runs):
        raise Lab4Error(f"the {side} has no measured cell ({names}); {_remedy(runs[-1])}")
    if empty and each:
        raise Lab4Error(f"a run of the {side} has no measured cell ({names}); leave it out, or measure it again")


def _remedy(run: RunFigures) -> str:
    """Why a run has no measured cell, or how to measure its cells."""
    failed = next(((key, cell) for key, cell in run.cells.items() if cell.state in {"failed", "unavailable"}), None)
    if failed is not None:
        return f"{failed[0]}: {failed[1].state}: {failed[1].reason}"
    return f"measure it with: {measuring(run.cells, run.settings.profile)}"


def judge_presence(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], *, paired: bool = False
) -> list[Verdict]:
    """Judge cells and figures that have no value on one side.

    The candidate's last run says which cells it has. Interleaved runs (``paired``) are an exception: their later runs
    hold undecided cells and peers only. A cell that failed or was interrupted in any run of the candidate is reported.
    """
    before, latest = _best(baselines), _best(candidates) if paired else dict(candidates[-1].cells)
    after = latest | _interrupted(candidates, latest) | _failed(candidates)
    dropped = dict.fromkeys(cell for run in candidates for cell in run.cells if cell not in after)
    new = [cell for cell in after if cell not in before]
    verdicts = []
    for key, cell in before.items():
        if key not in dropped:
            verdicts += _cell(key, cell, after.get(key), new)
    verdicts += [_new(key, after[key]) for key in new]
    lost = {key for key in dropped if not baselines or (key in before and before[key].state == "measured")}
    return verdicts + [_dropped(key, stops=key in lost) for key in dropped]


def _best(runs: Sequence[RunFigures]) -> dict[str, CellFigures]:
    """Each cell from the last run that measured it; where none did, from the last run that has it."""
    best: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if key not in best or cell.state == "measured" or best[key].state != "measured":
                best[key] = cell
    return best


def _interrupted(runs: Sequence[RunFigures], latest: Mapping[str, CellFigures]) -> dict[str, CellFigures]:
    """Cells that were interrupted in any run and are still there: a later complete run does not hide it."""
    interrupted: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "interrupted" and key in latest and latest[key].state in {"measured", "interrupted"}:
                reason = cell.reason or "the run was interrupted in this cell"
                interrupted[key] = replace(cell, reason=f"{reason} ({run.source})")
    return interrupted


def _failed(runs: Sequence[RunFigures]) -> dict[str, CellFigures]:
    """Cells that failed in any run, whether or not they were measured in others."""
    failed: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "failed":
                count = sum(key in other.cells and other.cells[key].state == "failed" for other in runs)
                times = "" if count == len(runs) else f" (in {count} of {len(runs)} runs)"
                failed[key] = CellFigures("failed", reason=f"{cell.reason}{times}")
    return failed


def _cell(key: str, before: CellFigures, after: CellFigures | None, new: Sequence[str]) -> list[Verdict]:
    if before.state != "measured":
        return _not_measured_before(key, before, after)
    if after is None:
        near = get_close_matches(key, new, 1)
        hint = f"; is it {near[0]} now?" if near else ""
        reason = f"not in the candidate: removed, renamed or not selected{hint}"
        return [Verdict(key, MEASUREMENT, VerdictOutcome.MISSING, reason, stops=ExitCode.REGRESSION)]
    if after.state == "interrupted":
        return [Verdict(key, MEASUREMENT, VerdictOutcome.INCONCLUSIVE, after.reason, stops=ExitCode.CANNOT_JUDGE)]
    if after.state != "measured":
        reason = f"{after.state}: {after.reason}"
        return [Verdict(key, MEASUREMENT, VerdictOutcome.MISSING, reason, stops=ExitCode.REGRESSION)]
    return _figures(key, before, after)


def _not_measured_before(key: str, before: CellFigures, after: CellFigures | None) -> list[Verdict]:
    if after is None:
        return []
    if after.state == "measured":
        return [_interrupted_baseline(key) if before.state == "interrupted" else _new(key, after)]
    reason = f"not measured on either side: {after.reason or before.reason}"
    stops = ExitCode.CANNOT_JUDGE if after.state in {"failed", "interrupted"} else ExitCode.PASSED
    return [Verdict(key, MEASUREMENT, VerdictOutcome.INCONCLUSIVE, reason, stops=stops)]


def _interrupted_baseline(key: str) -> Verdict:
    """The verdict on a cell that is interrupted in every baseline run: it is not new."""
    reason = "no baseline run completed this cell; add a baseline run that includes it"
    return Verdict(key, MEASUREMENT, VerdictOutcome.INCONCLUSIVE, reason, stops=ExitCode.CANNOT_JUDGE)


def _figures(key: str, before: CellFigures, after: CellFigures) -> list[Verdict]:
    verdicts = []
    for name, figure in FIGURES.items():
        if not figure.judged or (name in before.values) == (name in after.values):
            continue
        if name in after.values:
            verdicts.append(Verdict(key, name, VerdictOutcome.NEW, "not in the baseline"))
        elif name in after.missing:  # the run says why; too few calls for a percentile are no fault
            stops = ExitCode.PASSED if name in TAILS else ExitCode.CANNOT_JUDGE
            verdicts.append(Verdict(key, name, VerdictOutcome.INCONCLUSIVE, after.missing[name], stops=stops))
        else:
            reason = "in the baseline and not in the candidate"
            verdicts.append(Verdict(key, name, VerdictOutcome.MISSING, reason, stops=ExitCode.REGRESSION))
    return verdicts


def _new(key: str, cell: CellFigures) -> Verdict:
    if cell.state == "measured":
        return Verdict(key, MEASUREMENT, VerdictOutcome.NEW, "not measured in the baseline")
    stops = ExitCode.PASSED if cell.state == "unavailable" else ExitCode.CANNOT_JUDGE
    reason = f"new, and {cell.state}: {cell.reason}"
    return Verdict(key, MEASUREMENT, VerdictOutcome.INCONCLUSIVE, reason, stops=stops)


def _dropped(key: str, *, stops: bool) -> Verdict:
    """The verdict on a cell that the candidate's last run lacks; where no baseline has it, it is only reported."""
    reason = "in an earlier run of the candidate and not in its last: removed, renamed or not selected"
    code = ExitCode.REGRESSION if stops else ExitCode.PASSED
    return Verdict(key, MEASUREMENT, VerdictOutcome.MISSING, reason, stops=code)
