"""Techniques, one file each: a trained model in, a trained model out."""

from collections.abc import Sequence

from lab4.domain.registry import Registry
from lab4.techniques.technique import Check, Technique, Trainer

__all__ = ["TECHNIQUES", "Check", "Technique", "Trainer", "checks_of"]

TECHNIQUES: Registry[Technique] = Registry(
    "technique",
    {
        "finetuned": "lab4.techniques.finetune:FINETUNED",
        "pruned50": "lab4.techniques.prune:PRUNED_50",
        "pruned80": "lab4.techniques.prune:PRUNED_80",
        "pruned90": "lab4.techniques.prune:PRUNED_90",
        "pruned95": "lab4.techniques.prune:PRUNED_95",
    },
    "lab4.techniques",
    Technique,
)


def checks_of(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks that hold after these techniques, in order: of each, those that the later ones preserve."""
    applied = [TECHNIQUES[name] for name in names]
    return tuple(
        check
        for index, technique in enumerate(applied)
        for check in technique.checks
        if all(check.promise.property in later.traits.preserves for later in applied[index + 1 :])
    )
