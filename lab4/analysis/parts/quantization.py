"""Part 2: what lower precision costs and saves."""

from lab4.analysis.against import loss, reduction
from lab4.analysis.observations import Observations
from lab4.analysis.parts.shared import (
    ACCURACY,
    GZIP,
    LOSS,
    LOSS_NOTE,
    MODEL,
    REDUCTION,
    REDUCTION_NOTE,
    SIZE_NOTE,
    machine_of,
    original_of,
)
from lab4.analysis.tables import Column, NotApplicable, Row, Table, Text, Value
from lab4.analysis.values import accuracy, agreement, disk_size, gzip_size
from lab4.domain.cell import Cell

__all__ = ["table"]

_PRINTED_FORMATS = ("keras", "tflite_float32", "tflite_float16", "tflite_int8")
_COLUMNS = (
    MODEL,
    ACCURACY,
    LOSS,
    Column("size", "Model Size on Disk", "bytes"),
    REDUCTION,
    GZIP,
    Column("agreement", "Same Predictions", "fraction"),
)
_NOTES = (
    LOSS_NOTE,
    SIZE_NOTE,
    REDUCTION_NOTE,
    "Same predictions: images for which the artifact and its Keras model name the same class.",
)


def table(merged: Observations, model: str) -> Table:
    """The form's four rows for one model, and further formats that the runs quantized."""
    cells = [Cell("examine", model, (), "cpu", None, form) for form in _PRINTED_FORMATS]
    cells += [reading.cell for reading in merged.where(mark="quantization", model=model)]
    rows = tuple(_row(merged, cell) for cell in dict.fromkeys(cells))
    title = f"Quantization of the {merged.catalogue.any_label(model)}"
    return Table(f"quantization_{model}", title, _COLUMNS, rows, _NOTES)


def _row(merged: Observations, cell: Cell) -> Row:
    reading, original = merged.at(cell), original_of(merged, cell.model)
    is_original = cell == Cell("examine", cell.model, (), "cpu", None, "keras")
    name = "Original Model" if is_original else merged.catalogue.any_label(cell.format)
    values: tuple[Value, ...] = (
        Text(name),
        accuracy(reading),
        NotApplicable() if is_original else loss(reading, original),
        disk_size(reading),
        NotApplicable() if is_original else reduction(reading, original),
        gzip_size(reading),
        NotApplicable() if is_original else agreement(reading),
    )
    return Row(cell.key, name, values, machine_of(reading))
