"""Cells and figures that only one side has, and cells that were not measured: every one is named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from lab4.analysis.figures import FigureTraits, known_figures
from lab4.analysis.gate.verdict import MEASUREMENT, ExitCode, Runs, Verdict, VerdictOutcome, inconclusive
from lab4.domain.commands import measuring
from lab4.domain.errors import Lab4Error
from lab4.domain.figures import CellFigures, RunFigures
from lab4.sampling.quantiles import TAILS

#: The figures that the runs can have.
Known = Mapping[str, FigureTraits]


def require_measured(runs: Runs, side: str, *, each: bool = False) -> None:
    """Raise `Lab4Error` where no run, or with ``each`` not every run, has a measured cell: there is nothing to pass."""
    empty = [run.source for run in runs if all(cell.state != "measured" for cell in run.cells.values())]
    names = ", ".join(empty)
    if len(empty) == len(runs):
        raise Lab4Error(f"the {side} has no measured cell ({names}); {_remedy(runs[-1])}")
    if empty and each:
        raise Lab4Error(f"a run of the {side} has no measured cell ({names}); leave it out, or measure it again")


def _remedy(run: RunFigures) -> str:
    """Why a run has no measured cell, or how to measure its cells."""
    for key, cell in run.cells.items():
        if cell.state in {"failed", "unavailable"}:
            return f"{key}: {cell.state}: {cell.reason}"
    return f"measure it with: {measuring(run.cells, run.settings.profile)}"


def judge_presence(baselines: Runs, candidates: Runs, *, paired: bool = False) -> list[Verdict]:
    """Judge cells and figures that have no value on one side.

    The candidate's last run says which cells it has. Interleaved runs (``paired``) are an exception: their later runs
    hold undecided cells and peers only. A cell that failed or was interrupted in any run of the candidate is reported.
    """
    before, latest = _best(baselines), _best(candidates) if paired else dict(candidates[-1].cells)
    after = latest | _stopped(candidates, latest)
    dropped = dict.fromkeys(cell for run in candidates for cell in run.cells if cell not in after)
    new = [cell for cell in after if cell not in before]
    renamed = [cell for cell in new if after[cell].state == "measured"]
    known = known_figures([*baselines, *candidates])
    verdicts: list[Verdict] = []
    for key in (*(key for key in before if key not in dropped), *new):
        verdicts += _cell(key, before.get(key), after.get(key), renamed, known)
    reason = "in an earlier run of the candidate and not in its last: removed, renamed or not selected"
    for key in dropped:  # one that no baseline has is only reported
        is_lost = not baselines or (key in before and before[key].state == "measured")
        verdicts.append(_missing(key, MEASUREMENT, reason, stops=is_lost))
    return verdicts


def _best(runs: Runs) -> dict[str, CellFigures]:
    """Each cell from the last run that measured it; where none did, from the last run that has it."""
    best: dict[str, CellFigures] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if key not in best or cell.state == "measured" or best[key].state != "measured":
                best[key] = cell
    return best


def _stopped(runs: Runs, latest: Mapping[str, CellFigures]) -> dict[str, CellFigures]:
    """Cells that failed in any run, and those interrupted in any and still there: a later run does not hide them."""
    stopped: dict[str, CellFigures] = {}
    failed: dict[str, list[str]] = {}
    for run in runs:
        for key, cell in run.cells.items():
            if cell.state == "failed":
                failed.setdefault(key, []).append(cell.reason)
            elif cell.state == "interrupted" and key in latest and latest[key].state in {"measured", "interrupted"}:
                reason = cell.reason or "the run was interrupted in this cell"
                stopped[key] = replace(cell, reason=f"{reason} ({run.source})")
    for key, reasons in failed.items():
        times = "" if len(reasons) == len(runs) else f" (in {len(reasons)} of {len(runs)} runs)"
        stopped[key] = CellFigures("failed", reason=f"{reasons[-1]}{times}")
    return stopped


def _cell(
    key: str, before: CellFigures | None, after: CellFigures | None, new: Sequence[str], known: Known
) -> Iterator[Verdict]:
    """The verdicts on a cell by its states in the baseline and in the candidate; ``None``: it is not there."""
    was, before = (before.state, before) if before else ("absent", CellFigures("unavailable"))
    if after is None:
        if was == "measured":
            kind = f"{key.partition('/')[0]}/"
            near = get_close_matches(key, [each for each in new if each.startswith(kind)], 1)
            hint = f"; is it {near[0]} now?" if near else ""
            yield _missing(key, MEASUREMENT, f"not in the candidate: removed, renamed or not selected{hint}")
        return
    match was, after.state:
        case "measured", "measured":
            yield from _figures(key, before, after, known)
        case "measured", "interrupted":
            yield inconclusive(key, MEASUREMENT, after.reason)
        case "measured", state:
            yield _missing(key, MEASUREMENT, f"{state}: {after.reason}")
        case "interrupted", "measured":  # in every baseline run: the cell is not new
            reason = "no baseline run completed this cell; add a baseline run that includes it"
            yield inconclusive(key, MEASUREMENT, reason)
        case _, "measured":
            yield Verdict(key, MEASUREMENT, VerdictOutcome.NEW, "not measured in the baseline")
        case "absent", state:
            yield inconclusive(key, MEASUREMENT, f"new, and {state}: {after.reason}", stops=state != "unavailable")
        case _, state:
            reason = f"not measured on either side: {after.reason or before.reason}"
            yield inconclusive(key, MEASUREMENT, reason, stops=state in {"failed", "interrupted"})


def _figures(key: str, before: CellFigures, after: CellFigures, known: Known) -> Iterator[Verdict]:
    for name, figure in known.items():
        if not figure.judged or (name in before.values) == (name in after.values):
            continue
        if name in after.values:
            yield Verdict(key, name, VerdictOutcome.NEW, "not in the baseline")
        elif name in after.missing:  # the run says why; too few calls for a percentile are no fault
            yield inconclusive(key, name, after.missing[name], stops=name not in TAILS)
        else:
            yield _missing(key, name, "in the baseline and not in the candidate")


def _missing(key: str, figure: str, reason: str, *, stops: bool = True) -> Verdict:
    return Verdict(key, figure, VerdictOutcome.MISSING, reason, stops=ExitCode.REGRESSION if stops else ExitCode.PASSED)
