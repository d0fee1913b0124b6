"""Part 3: what zeros cost and save, alone and with lower precision."""

from lab4.analysis.against import gzip_reduction, loss, reduction
from lab4.analysis.merge import Merged, Reading
from lab4.analysis.parts.shared import (
    ACCURACY,
    CONTROL,
    GZIP,
    LOSS,
    LOSS_NOTE,
    MODEL,
    REDUCTION,
    REDUCTION_NOTE,
    SIZE,
    SIZE_NOTE,
    is_control,
    machine_of,
    original_of,
)
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Row, Table, Text, Value
from lab4.analysis.values import NOT_IN_RUN, accuracy, disk_size, gzip_size, sparsity
from lab4.domain.cell import Cell

__all__ = ["table"]

_COLUMNS = (
    MODEL,
    ACCURACY,
    LOSS,
    SIZE,
    REDUCTION,
    GZIP,
    Column("gzip_reduction", "Size Reduction Gzipped", "fraction"),
    Column("sparsity", "Zero Weights", "fraction"),
    Column("control_loss", "Loss Against Control", "points"),
)
_NOTES = (
    LOSS_NOTE,
    SIZE_NOTE,
    REDUCTION_NOTE,
    (
        "Zero weights are counted in the kernels of the exported artifact. Zeros take as many bytes on disk as other "
        "weights; only compression makes them small, so both sizes stand here."
    ),
    "The control was trained on for the same epochs without pruning: the loss against it is pruning's own.",
)
_PRINTED_FORMATS = ("keras", "tflite_float16", "tflite_int8")
_PRINTED_NAMES = {
    "keras": "Pruned Model",
    "tflite_float16": "Pruned + Float16 Quantization",
    "tflite_int8": "Pruned + Int8 Quantization",
}


def table(merged: Merged, model: str) -> Table:
    """The form's rows for one model and each technique that the runs measured, with the control's row."""
    readings = merged.of("pruning", model)
    original = Cell("examine", model, (), "cpu", None, "keras")
    control = Cell("examine", model, (CONTROL,), "cpu", None, "keras")
    techniques = dict.fromkeys(reading.cell.techniques for reading in readings if _is_pruned(reading.cell))
    pruned = [
        Cell("examine", model, technique, "cpu", None, form) for technique in techniques for form in _PRINTED_FORMATS
    ]
    cells = dict.fromkeys((original, control, *pruned, *(reading.cell for reading in readings)))
    rows = [_row(merged, cell) for cell in cells]
    if not pruned:
        rows += [_empty(model, form, name) for form, name in _PRINTED_NAMES.items()]
    title = f"Pruning of the {merged.label(model)}"
    return Table(f"pruning_{model}", title, _COLUMNS, tuple(rows), _NOTES)


def _is_pruned(cell: Cell) -> bool:
    return bool(cell.techniques) and not is_control(cell.variant)


def _empty(model: str, form: str, name: str) -> Row:
    """A blank of the form for which no run has even a target sparsity."""
    nothing = NotMeasured(NOT_IN_RUN)
    return Row(f"examine/{model}.pruned-cpu-{form}", name, (Text(name), *[nothing] * (len(_COLUMNS) - 1)))


def _row(merged: Merged, cell: Cell) -> Row:
    reading, original = merged.at(cell), original_of(merged, cell.model)
    control = merged.at(Cell("examine", cell.model, (CONTROL,), "cpu", None, "keras"))
    name = _name(merged, cell)
    is_original = not cell.techniques and cell.format == "keras"
    nothing = NotApplicable()
    values: tuple[Value, ...] = (
        Text(name),
        accuracy(reading),
        nothing if is_original else loss(reading, original),
        disk_size(reading),
        nothing if is_original else reduction(reading, original),
        gzip_size(reading),
        nothing if is_original else gzip_reduction(reading, original),
        sparsity(reading),
        _own_loss(cell, reading, control),
    )
    return Row(cell.key, name, values, machine_of(reading))


def _own_loss(cell: Cell, reading: Reading | None, control: Reading | None) -> Value:
    return loss(reading, control, "control") if _is_pruned(cell) else NotApplicable()


def _name(merged: Merged, cell: Cell) -> str:
    if not cell.techniques:
        return "Original Model" if cell.format == "keras" else merged.label(cell.format)
    technique = ", ".join(merged.label(name) for name in cell.techniques)
    if cell.format == "keras":
        return technique
    before, precision, after = cell.format.partition("tflite_")
    added = f"{after.capitalize()} Quantization" if precision and not before else merged.label(cell.format)
    return f"{technique.replace(' Model', '')} + {added}"
