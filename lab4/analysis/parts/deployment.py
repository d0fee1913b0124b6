"""Part 4: one model in every deployment format."""

from lab4.analysis.against import loss, relative_size
from lab4.analysis.observations import Observations
from lab4.analysis.parts.shared import ACCURACY, GZIP, LOSS, SIZE_NOTE, machine_of, original_of
from lab4.analysis.tables import Column, NotApplicable, Row, Table, Text, Value
from lab4.analysis.values import accuracy, disk_size, gzip_size, loading
from lab4.domain.cell import Cell

__all__ = ["table"]

#: Formats of the form with the names that it prints.
_PRINTED_NAMES = {
    "keras": "Keras (H5)",
    "tflite_float32": "TensorFlow Lite",
    "onnx": "ONNX",
    "saved_model": "SavedModel",
    "tfjs": "TensorFlow.js",
}
_COLUMNS = (
    Column("format", "Format", "text"),
    Column("size", "Model Size on Disk", "bytes"),
    Column("relative", "Size Relative to Original Keras Model", "fraction"),
    GZIP,
    Column("loading", "Loading Time", "milliseconds"),
    ACCURACY,
    LOSS,
)
_NOTES = (
    (
        "100% is Keras H5 without optimizer state; with Adam's state the file is about three times as large, and no "
        "other format carries it."
    ),
    SIZE_NOTE,
    (
        "Loading time is from the file to the first result in the format's own runtime: the median, from the fastest "
        "to the slowest load."
    ),
    "TensorFlow.js is loaded here by its converter's own Python loader; no JavaScript runtime was timed.",
)


def table(merged: Observations, model: str) -> Table:
    """The form's five rows for one model, and further formats that the runs exported."""
    cells = [Cell("examine", model, (), "cpu", None, form) for form in _PRINTED_NAMES]
    cells += [reading.cell for reading in merged.where(mark="deployment", model=model)]
    rows = tuple(_row(merged, cell) for cell in dict.fromkeys(cells))
    title = f"Deployment formats of the {merged.catalogue.any_label(model)}"
    return Table(f"deployment_{model}", title, _COLUMNS, rows, _NOTES)


def _row(merged: Observations, cell: Cell) -> Row:
    reading, original = merged.at(cell), original_of(merged, cell.model)
    name: str = _PRINTED_NAMES.get(cell.format) or merged.catalogue.any_label(cell.format)
    if cell.techniques:
        name = f"{', '.join(merged.catalogue.any_label(technique) for technique in cell.techniques)}, {name}"
    values: tuple[Value, ...] = (
        Text(name),
        disk_size(reading),
        relative_size(reading, original),
        gzip_size(reading),
        loading(reading),
        accuracy(reading),
        NotApplicable() if cell.format == "keras" and not cell.techniques else loss(reading, original),
    )
    return Row(cell.key, name, values, machine_of(reading))
