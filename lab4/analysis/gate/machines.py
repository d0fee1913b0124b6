"""Whether runs can be compared at all, and what differs between them that may explain a change."""

from collections.abc import Iterable, Sequence

from lab4.domain.errors import Lab4Error
from lab4.domain.figures import RunFigures
from lab4.domain.machine import Machine

__all__ = ["differences", "is_one_machine", "same_dataset", "same_recipe"]


def is_one_machine(runs: Iterable[RunFigures]) -> bool:
    """Whether all were made on the same hardware, by CPU, cores, memory and GPUs."""
    return len({run.machine.hardware_id for run in runs}) <= 1


def same_dataset(one: RunFigures, other: RunFigures) -> bool:
    """Whether accuracies are of the same images, in the same order."""
    return one.dataset.sha256 == other.dataset.sha256


def same_recipe(one: RunFigures, other: RunFigures) -> bool:
    """Whether models were trained alike, on whatever images."""
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
    """What differs between the last run of each side, in phrases: hardware first, then software and settings."""
    if not baselines or not candidates:
        raise Lab4Error("nothing to compare: name at least one run on each side")
    before, after = baselines[-1], candidates[-1]
    pairs = [*_facts(before.machine, after.machine), *_settings(before, after)]
    (one, other), between = names, ", " if names[0] else " to "
    return [f"{what}: {old}{one}{between}{new}{other}" for what, old, new in pairs if old != new]


def _facts(before: Machine, after: Machine) -> list[tuple[str, str, str]]:
    plain = [
        ("CPU", before.cpu, after.cpu),
        ("logical cores", str(before.logical_cores), str(after.logical_cores)),
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


def _gib(memory_bytes: int) -> str:
    return f"{memory_bytes / 2**30:.0f} GiB"


def _gpus(machine: Machine) -> str:
    return ", ".join(f"{gpu.name} (driver {gpu.driver})" for gpu in machine.gpus) or "none"
