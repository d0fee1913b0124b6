"""Which cells a part of the worksheet has, from the registries' own traits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from lab4.devices import DEVICES
from lab4.domain.cell import PARTS, Cell
from lab4.domain.errors import UnknownNameError
from lab4.formats import FORMATS, Format
from lab4.models import MODELS
from lab4.optimize import TECHNIQUES

__all__ = ["TRAINING_BATCH_SIZE", "Axes", "cells", "labels"]

#: The lab's own, in images per optimizer step.
TRAINING_BATCH_SIZE = 128


@dataclass(frozen=True, slots=True)
class Axes:
    """What the user chose to measure: registry names, images per call, threads of a call, images per optimizer step."""

    models: tuple[str, ...]
    techniques: tuple[str, ...]
    devices: tuple[str, ...]
    batch_sizes: tuple[int, ...]
    formats: tuple[str, ...]
    threads: tuple[int, ...] = (1,)
    train_batch_sizes: tuple[int, ...] = (TRAINING_BATCH_SIZE,)


def cells(part: str, axes: Axes) -> Iterator[Cell]:
    """Yield the cells of ``part`` in the order of the worksheet.

    Raises:
        UnknownNameError: for a part that does not exist.
    """
    if part not in PARTS:
        raise UnknownNameError.among("part", part, PARTS)
    chosen = [FORMATS[name] for name in axes.formats if part in FORMATS[name].parts]
    for model in axes.models:
        if part == "training":
            yield from _training(model, axes, chosen)
        elif part == "inference":
            yield from _inference(model, axes, chosen)
        elif "cpu" in axes.devices:  # sizes and accuracies do not depend on the device
            yield from _examined(part, model, axes, chosen)


def _training(model: str, axes: Axes, formats: Sequence[Format]) -> Iterator[Cell]:
    for device in axes.devices:
        for batch_size in axes.train_batch_sizes:
            for form in formats:
                yield Cell("training", model, (), device, batch_size, form.name)


def _inference(model: str, axes: Axes, formats: Sequence[Format]) -> Iterator[Cell]:
    optimized = [(name,) for name in axes.techniques if not TECHNIQUES[name].control]
    for techniques, device, batch_size in product([(), *optimized], axes.devices, axes.batch_sizes):
        # Threads are those of the CPU: elsewhere the axis would measure the same again.
        for threads in axes.threads if device == "cpu" else (1,):
            for form in formats:
                if device in form.devices:
                    yield Cell("inference", model, techniques, device, batch_size, form.name, threads)


def _examined(part: str, model: str, axes: Axes, formats: Sequence[Format]) -> Iterator[Cell]:
    for form in formats:
        if form.baseline or part != "pruning":
            yield Cell(part, model, (), "cpu", None, form.name)
    if part == "pruning":
        for technique in axes.techniques:
            for form in formats:
                if form.baseline or not TECHNIQUES[technique].control:
                    yield Cell(part, model, (technique,), "cpu", None, form.name)


def labels() -> dict[str, str]:
    """The names people read, for every registered name: they travel with the record."""
    named = [registry[name] for registry in (MODELS, TECHNIQUES, DEVICES, FORMATS) for name in registry]
    return {thing.name: thing.label for thing in named}
