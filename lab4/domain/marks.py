"""The names by which ``pytest -m`` chooses cells, each a rule over a cell and its traits."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lab4.domain.catalogue import Catalogue, MissingTraitError, required
from lab4.domain.cell import EXAMINE, LATENCY, TRAIN, Cell


def _is_quantization(cell: Cell, catalogue: Catalogue) -> bool:
    """Each step of precision, of containers that have several, and the original that they are compared with."""
    if cell.kind != EXAMINE or cell.techniques:
        return False
    container = required(catalogue.format(cell.format), "container")
    steps = {each.precision for each in catalogue.formats.values() if each.container == container}
    return catalogue.is_original(cell) or len(steps) > 1


def _is_pruning(cell: Cell, catalogue: Catalogue) -> bool:
    """What pruning made, its control, and the original that they are compared with."""
    kinds = {catalogue.technique(name).kind for name in cell.techniques}
    return cell.kind == EXAMINE and (catalogue.is_original(cell) or not kinds.isdisjoint({"pruning", "control"}))


def _is_deployment(cell: Cell, catalogue: Catalogue) -> bool:
    """The unmodified model at full precision in each format."""
    return cell.kind == EXAMINE and not cell.techniques and not catalogue.is_quantized(cell)


MARKS: Mapping[str, Callable[[Cell, Catalogue], bool]] = MappingProxyType(
    {
        "training": lambda cell, _: cell.kind == TRAIN,
        "inference": lambda cell, _: cell.kind == LATENCY,
        "quantization": _is_quantization,
        "pruning": _is_pruning,
        "deployment": _is_deployment,
    }
)


def has_mark(mark: str, cell: Cell, catalogue: Catalogue) -> bool:
    """Whether the cell has the mark; one whose traits are not declared has not."""
    try:
        return MARKS[mark](cell, catalogue)
    except MissingTraitError:
        return False


def marks_of(cell: Cell, catalogue: Catalogue) -> tuple[str, ...]:
    """The cell's marks, and the kinds of its techniques, which are marks too."""
    kinds = [catalogue.technique(name).kind for name in cell.techniques]
    found = [mark for mark in MARKS if has_mark(mark, cell, catalogue)]
    return tuple(dict.fromkeys([*found, *(kind for kind in kinds if kind is not None and kind not in MARKS)]))
