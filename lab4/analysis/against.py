"""One observation against another: accuracy lost, bytes saved."""

from collections.abc import Callable

from lab4.analysis.observations import Observation
from lab4.analysis.proportions import paired_loss
from lab4.analysis.tables import NotMeasured, Quantity, Value
from lab4.analysis.values import accuracy, disk_size, gzip_size, verdicts

__all__ = ["gzip_reduction", "loss", "reduction", "relative_size"]


def loss(observation: Observation | None, original: Observation | None, what: str = "original") -> Value:
    """Accuracy lost against ``original`` as a fraction, with its paired 95% interval; below zero where it gained.

    Only the same examples of the same run are compared: another run has trained another model.
    """
    mine = accuracy(observation)
    if not isinstance(mine, Quantity):
        return mine
    left, right = verdicts(original), verdicts(observation)
    if observation is None or original is None or left is None or right is None:
        return NotMeasured(f"the {what}'s accuracy was not measured")
    if observation.source is not original.source:
        return NotMeasured(f"the {what} comes from another run, whose training may differ")
    if len(left.correct) != len(right.correct):
        return NotMeasured(f"not comparable: {len(right.correct)} examples, the {what} has {len(left.correct)}")
    return paired_loss(left.correct, right.correct)


def reduction(observation: Observation | None, original: Observation | None) -> Value:
    """1 - bytes on disk / bytes of the original on disk."""
    return _against(disk_size(observation), disk_size(original), lambda mine, whole: 1 - mine / whole)


def gzip_reduction(observation: Observation | None, original: Observation | None) -> Value:
    """1 - gzipped bytes / gzipped bytes of the original."""
    return _against(gzip_size(observation), gzip_size(original), lambda mine, whole: 1 - mine / whole)


def relative_size(observation: Observation | None, original: Observation | None) -> Value:
    """Bytes on disk / bytes of the original on disk."""
    return _against(disk_size(observation), disk_size(original), lambda mine, whole: mine / whole)


def _against(mine: Value, whole: Value, figure: Callable[[float, float], float]) -> Value:
    if not isinstance(mine, Quantity):
        return mine
    if not isinstance(whole, Quantity) or whole.value <= 0:
        return NotMeasured("the size to compare with was not measured")
    return Quantity(figure(mine.value, whole.value))
