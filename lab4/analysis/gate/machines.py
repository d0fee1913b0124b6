"""Whether runs are of one machine, how runs of two are compared, and which differences may explain a change."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from lab4.analysis.figures import FIGURES, Nature
from lab4.analysis.gate.policy import Policy, ThresholdRule
from lab4.analysis.gate.verdict import Runs, Verdict, inconclusive
from lab4.domain.catalogue import FULL_PRECISION, merged
from lab4.domain.cell import Cell
from lab4.domain.errors import CellIdError, Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.machine import is_cpu_model

#: The option of ``lab4 gate`` and ``lab4 history trend`` that takes unknown hardware as the same.
ASSUME_OPTION = "--assume-same-machine"
#: A fact that a record lacks. It equals no other, not even another unknown one.
_UNKNOWN = "unknown"
#: Notes on a comparison across machines.
RATIO_NOTES = (
    "different machines: speeds are judged as ratios to the float32 cell of the same model and machine",
    "not judged across machines: training time, peak memory, and the float32 cells that others are divided by",
)
#: Ratios differ between machines by their instruction sets, which runs of one machine do not show.
_TOLERANCE = 0.25
_TIMED = {name for name, figure in FIGURES.items() if figure.nature is Nature.TIMED}


def is_one_machine(runs: Iterable[RunFigures]) -> bool:
    """Whether all are of the same hardware, as far as the records say: CPU, cores, memory and GPUs."""
    return len({run.machine.hardware_id for run in runs}) <= 1


def as_one_machine(
    baselines: Runs, candidates: Runs, *, cross_machine: bool, assume_same: bool
) -> tuple[bool, list[str]]:
    """Whether both sides are judged as runs of one machine, and notes about it.

    Runs of unknown hardware may be of any machine: ``assume_same`` takes them as runs of one.

    Raises:
        Lab4Error: where the sides are of two machines or of unknown ones, and ``cross_machine`` does not permit that.
    """
    runs = (*baselines, *candidates)
    is_one = is_one_machine(run for run in runs if run.machine.is_identified)
    lacking = [
        f"{run.source} has no {' and no '.join(run.machine.missing_facts)}"
        for run in runs
        if not run.machine.is_identified
    ]
    if is_one and (assume_same or not lacking):
        return True, [
            f"{ASSUME_OPTION}: the runs are judged as runs of one machine, but {lack}" for lack in lacking[:1]
        ]
    if cross_machine:
        return False, []
    if not is_one:
        raise Lab4Error(
            f"the baseline was measured on another machine ({baselines[-1].machine.cpu}; the candidate: "
            f"{candidates[-1].machine.cpu}); give runs of this machine, or judge ratios with --cross-machine"
        )
    raise Lab4Error(
        f"these runs may be of different machines: {lacking[0]}; "
        f"give runs that have them, or take them as runs of one machine with {ASSUME_OPTION}"
    )


def differences(
    baselines: Runs, candidates: Runs, names: tuple[str, str] = (" in the baseline", " in the candidate")
) -> list[str]:
    """Differences between the last run of each side, as phrases: hardware, then software, then settings."""
    if not baselines or not candidates:
        raise Lab4Error("nothing to compare: name at least one run on each side")
    (one, other), between = names, ", " if names[0] else " to "
    phrases = []
    for before, after in zip(_facts(baselines[-1]), _facts(candidates[-1]), strict=True):
        for fact in before if before.keys() == after.keys() else sorted({*before, *after}):
            old, new = before.get(fact, "none"), after.get(fact, "none")
            if old != new or _UNKNOWN in {old, new}:
                phrases.append(f"{fact}: {old}{one}{between}{new}{other}")
    return phrases


def _facts(run: RunFigures) -> tuple[Mapping[str, str], ...]:
    """What may explain a change, in the words of `differences`: machine, libraries, threads, settings."""
    machine, settings = run.machine, run.settings
    of_machine = {
        "CPU": machine.cpu if is_cpu_model(machine.cpu) else _UNKNOWN,
        "logical cores": str(machine.logical_cores or _UNKNOWN),
        "memory": f"{machine.memory_bytes / 2**30:.0f} GiB",
        "GPU": ", ".join(f"{gpu.name} (driver {gpu.driver})" for gpu in machine.gpus) or "none",
        "operating system": machine.os,
        "Python": machine.python,
    }
    of_run = {
        "lab4": run.lab4_version,
        "dataset": f"{run.dataset.name} {run.dataset.sha256[:8]}",
        "profile": settings.profile,
        "seed": str(settings.seed),
        "epochs": str(settings.epochs),
        "fine-tuning epochs": str(settings.finetune_epochs),
    }
    return of_machine, dict(sorted(machine.libraries)), dict(sorted(machine.threads)), of_run


def relative_to_float32(
    baselines: Runs, candidates: Runs, policy: Policy
) -> tuple[tuple[list[RunFigures], list[RunFigures], Policy], list[Verdict]]:
    """Both sides with speeds as ratios to float32 and without training and memory, and a policy that tolerates more.

    Only timed figures change: all others, and all budgets, are judged as measured. Last are the verdicts on cells
    without a float32 cell to divide by: they cannot be judged.
    """
    tolerant = [ThresholdRule("*", name, _TOLERANCE) for name in FIGURES if name in _TIMED]
    everywhere = _everywhere([*baselines, *candidates])
    before, after = ([_relative(run, everywhere) for run in side] for side in (baselines, candidates))
    timed = [set().union(*map(_timed_cells, side)) for side in (baselines, candidates)]
    reason = (
        "different machines, and not every run has a float32 cell of this model to divide by; "
        "measure one, or give runs of one machine"
    )
    unjudged = [
        inconclusive(key, "latency", reason)
        for key in sorted(timed[0] & timed[1])
        if _reference(key, everywhere) is None
    ]
    return (before, after, replace(policy, thresholds=[*tolerant, *policy.thresholds])), unjudged


def _everywhere(runs: Runs) -> list[Cell]:
    """The unmodified float32 cells that every run has timed, the ones to divide by first."""
    catalogue = merged(run.catalogue for run in runs)
    cells = filter(None, map(_cell_of, set.intersection(*map(_timed_cells, runs))))
    whole = [cell for cell in cells if catalogue.format(cell.format).precision == FULL_PRECISION]
    # The more places a format is made for, the more likely another machine has it; the model's own is the slowest.
    return sorted(
        (cell for cell in whole if not cell.techniques and not cell.runtime),
        key=lambda cell: (catalogue.is_original(cell), -len(catalogue.format(cell.format).targets or ()), cell.format),
    )


def _cell_of(key: str) -> Cell | None:
    try:
        return Cell.from_key(key)
    except CellIdError:
        return None


def _timed_cells(run: RunFigures) -> set[str]:
    return {key for key, cell in run.cells.items() if cell.state == "measured" and "latency" in cell.values}


def _relative(run: RunFigures, everywhere: Collection[Cell]) -> RunFigures:
    cells = {}
    for key, cell in run.cells.items():
        kept = {name: value for name, value in cell.values.items() if name not in _TIMED}
        reference = _reference(key, everywhere)
        if reference is not None and reference != key:
            whole = run.cells[reference].values
            shared = _TIMED & cell.values.keys() & whole.keys() - {"training", "memory"}
            kept |= {name: cell.values[name] / whole[name] for name in shared if whole[name] > 0}
        cells[key] = replace(cell, values=kept, corrected={})
    return replace(run, cells=cells)


def _reference(key: str, everywhere: Collection[Cell]) -> str | None:
    """The float32 cell of the same model and place, which may be this one; ``None`` where some run has none."""
    cell = _cell_of(key)
    if cell is None:
        return None
    same = (each for each in everywhere if replace(cell, techniques=(), format=each.format, runtime="") == each)
    return next((each.key for each in same), None)
