"""Whether runs are of one machine, and which differences between two may explain a change."""

from collections.abc import Iterable, Mapping, Sequence

from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.machine import is_cpu_model

#: The option of ``lab4 gate`` and ``lab4 history trend`` that takes unknown hardware as the same.
ASSUME_OPTION = "--assume-same-machine"
#: A fact that a record lacks. It equals no other, not even another unknown one.
_UNKNOWN = "unknown"


def is_one_machine(runs: Iterable[RunFigures]) -> bool:
    """Whether all are of the same hardware, as far as the records say: CPU, cores, memory and GPUs."""
    return len({run.machine.hardware_id for run in runs}) <= 1


def as_one_machine(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], *, cross_machine: bool, assume_same: bool
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
    baselines: Sequence[RunFigures],
    candidates: Sequence[RunFigures],
    names: tuple[str, str] = (" in the baseline", " in the candidate"),
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
        "int8 instructions": machine.int8_support,
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
