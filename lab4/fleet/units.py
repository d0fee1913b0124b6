"""What is built together, and what must be there before: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab4.domain.cell import TRAIN, Cell, Variant


@dataclass(frozen=True, slots=True)
class BuildUnit:
    """The cells whose artifacts one task builds, by key; ``after`` names the unit that this one begins with."""

    name: str
    cells: tuple[str, ...]
    after: str | None


def build_units(keys: Iterable[str]) -> tuple[BuildUnit, ...]:
    """Divide cells so that no two units build the same, one that is begun with before those that need it.

    A model and what each technique makes of it are units of their own. Variants that share a step which has no cells of
    its own are one unit. Trained cells need nothing that is built.

    >>> for unit in build_units(["examine/cnn-cpu-onnx", "examine/cnn.pruned80-cpu-onnx", "train/cnn-cpu-b128-keras"]):
    ...     print(unit.name, unit.after)
    cnn None
    cnn.pruned80 cnn
    """
    cells = [cell for cell in map(Cell.from_key, keys) if cell.kind != TRAIN]
    variants = sorted({cell.variant for cell in cells}, key=lambda each: (len(each.techniques), each.id))
    units: dict[Variant, Variant] = {}
    for variant in variants:
        units[variant] = _first_step(variant, units)
    names = list(dict.fromkeys(units.values()))
    return tuple(_unit(name, cells, units) for name in names)


def _first_step(variant: Variant, known: Mapping[Variant, Variant]) -> Variant:
    """The first step to the variant that no unit before it makes."""
    before = _before(variant, known)
    return _prefix(variant, 0 if before is None else len(before.techniques) + 1)


def _before(variant: Variant, known: Iterable[Variant]) -> Variant | None:
    """The longest way to the variant that has cells of its own."""
    several = (_prefix(variant, depth) for depth in reversed(range(len(variant.techniques))))
    return next((each for each in several if each in known), None)


def _prefix(variant: Variant, depth: int) -> Variant:
    return Variant(variant.model, variant.techniques[:depth])


def _unit(step: Variant, cells: Iterable[Cell], units: Mapping[Variant, Variant]) -> BuildUnit:
    before = _before(step, units)
    own = tuple(cell.key for cell in cells if units[cell.variant] == step)
    return BuildUnit(step.id, own, None if before is None else units[before].id)
