"""Whether runs can be compared, and which differences between them may explain a change."""

from collections.abc import Iterable, Sequence

from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.machine import Machine, is_cpu_model

__all__ = ["ASSUME_OPTION", "differences", "is_one_machine", "judged_as_one_machine", "same_dataset", "same_recipe"]

#: The option of ``lab4 gate`` and ``lab4 history trend`` that takes unknown hardware as the same.
ASSUME_OPTION = "--assume-same-machine"
#: A fact that a record lacks. It equals no other, not even another unknown one.
_UNKNOWN = "unknown"


def is_one_machine(runs: Iterable[RunFigures]) -> bool:
    """Whether all are of the same hardware, as far as the records say: CPU, cores, memory and GPUs."""
    return len({run.machine.hardware_id for run in runs}) <= 1


def judged_as_one_machine(
    baselines: Sequence[RunFigures], candidates: Sequence[RunFigures], *, cross_machine: bool, assume_same: bool
) -> tuple[bool, list[str]]:
    """Whether both sides are judged as runs of one machine, and notes about it.

    Runs of unknown hardware may be of any machine: ``assume_same`` takes them as runs of one.

    Raises:
        Lab4Error: where the sides are of two machines or of unknown ones, and ``cross_machine`` does not permit that.
    """
    known = [run for run in (*baselines, *candidates) if run.machine.is_identified]
    unknown = [run for run in (*baselines, *candidates) if not run.machine.is_identified]
    if is_one_machine(known) and (assume_same or not unknown):
        note = f"{ASSUME_OPTION}: the runs are judged as runs of one machine, but"
        return True, [f"{note} {_lacks(run)}" for run in unknown[:1]]
    if cross_machine:
        return False, []
    if not is_one_machine(known):
        raise Lab4Error(
            f"the baseline was measured on another machine ({baselines[-1].machine.cpu}; the candidate: "
            f"{candidates[-1].machine.cpu}); give runs of this machine, or judge ratios with --cross-machine"
        )
    raise Lab4Error(
        f"these runs may be of different machines: {_lacks(unknown[0])}; "
        f"give runs that have them, or take them as runs of one machine with {ASSUME_OPTION}"
    )


def _lacks(run: RunFigures) -> str:
    return f"{run.source} has no {' and no '.join(run.machine.missing_facts)}"


def same_dataset(one: RunFigures, other: RunFigures) -> bool:
    """Whether both used the same images, in the same order."""
    return one.dataset.sha256 == other.dataset.sha256


def same_recipe(one: RunFigures, other: RunFigures) -> bool:
    """Whether models were trained with the same seed and epochs, on whatever images."""
    return (one.settings.seed, one.settings.epochs, one.settings.finetune_epochs) == (
        other.settings.seed,
        other.settings.epochs,
        other.settings.finetune_epochs,
    )


def differences(
    baselines: Sequence[RunFigures],
    candidates: Sequence[RunFigures],
    names: tuple[str, str] = (" in the baseline", " in the candidate"),
) -> list[str]:
    """Differences between the last run of each side, as phrases: hardware, then software, then settings."""
    if not baselines or not candidates:
        raise Lab4Error("nothing to compare: name at least one run on each side")
    before, after = baselines[-1], candidates[-1]
    pairs = [*_facts(before.machine, after.machine), *_settings(before, after)]
    (one, other), between = names, ", " if names[0] else " to "
    return [
        f"{what}: {old}{one}{between}{new}{other}" for what, old, new in pairs if old != new or _UNKNOWN in {old, new}
    ]


def _facts(before: Machine, after: Machine) -> list[tuple[str, str, str]]:
    plain = [
        ("CPU", _cpu(before), _cpu(after)),
        ("logical cores", _cores(before), _cores(after)),
        ("memory", _gib(before.memory_bytes), _gib(after.memory_bytes)),
        ("GPU", _gpus(before), _gpus(after)),
        ("operating system", before.os, after.os),
        ("Python", before.python, after.python),
    ]
    for old, new in ((before.libraries, after.libraries), (before.threads, after.threads)):
        one, other = dict(old), dict(new)
        plain += [(name, one.get(name, "none"), other.get(name, "none")) for name in sorted({*one, *other})]
    return plain


def _settings(before: RunFigures, after: RunFigures) -> list[tuple[str, str, str]]:
    return [
        ("lab4", before.lab4_version, after.lab4_version),
        (
            "dataset",
            f"{before.dataset.name} {before.dataset.sha256[:8]}",
            f"{after.dataset.name} {after.dataset.sha256[:8]}",
        ),
        ("profile", before.settings.profile, after.settings.profile),
        ("seed", str(before.settings.seed), str(after.settings.seed)),
        ("epochs", str(before.settings.epochs), str(after.settings.epochs)),
        ("fine-tuning epochs", str(before.settings.finetune_epochs), str(after.settings.finetune_epochs)),
    ]


def _cpu(machine: Machine) -> str:
    return machine.cpu if is_cpu_model(machine.cpu) else _UNKNOWN


def _cores(machine: Machine) -> str:
    return str(machine.logical_cores or _UNKNOWN)


def _gib(memory_bytes: int) -> str:
    return f"{memory_bytes / 2**30:.0f} GiB"


def _gpus(machine: Machine) -> str:
    return ", ".join(f"{gpu.name} (driver {gpu.driver})" for gpu in machine.gpus) or "none"
