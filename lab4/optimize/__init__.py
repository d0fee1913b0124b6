"""Techniques, one file each: a trained model in, a trained model out.

Knows: what a technique does to a model. Does not know: formats, cells, where the images come from.
"""

from lab4.domain.registry import Registry
from lab4.optimize.technique import Technique, Trainer

__all__ = ["TECHNIQUES", "Technique", "Trainer"]

TECHNIQUES: Registry[Technique] = Registry(
    "technique",
    {
        "finetuned": "lab4.optimize.finetune:FINETUNED",
        "pruned50": "lab4.optimize.prune:PRUNED_50",
        "pruned80": "lab4.optimize.prune:PRUNED_80",
        "pruned90": "lab4.optimize.prune:PRUNED_90",
    },
)
