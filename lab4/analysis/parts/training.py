"""Part 1, training: how long, how fast, how well, on each device."""

from lab4.analysis.merge import Merged, Reading
from lab4.analysis.parts.shared import MODEL, PRINTED_DEVICES, machine_of, models_of
from lab4.analysis.tables import Column, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.values import NOT_IN_RUN, accuracy, observed
from lab4.domain.observed import Training

__all__ = ["table"]

_COLUMNS = (
    MODEL,
    Column("device", "Hardware", "text"),
    Column("time", "Training Time", "seconds"),
    Column("rate", "Samples/Second", "rate"),
    Column("accuracy", "Validation Accuracy", "accuracy"),
    Column("first_step", "First Step", "seconds"),
)
_NOTES = (
    (
        "Training time is the sum of the epochs, validation not included; its spread is that sum at the pace of the "
        "fastest and of the slowest epoch. Samples/second go with it."
    ),
    "The first step, with tracing and compilation, is apart and not part of the training time.",
    "Accuracy has its 95% Wilson interval.",
)


def table(merged: Merged) -> Table:
    """Every printed pair of model and device, and those that the runs add."""
    readings = merged.of("training")
    rows: list[Row] = []
    devices = dict.fromkeys((*PRINTED_DEVICES, *(reading.cell.device for reading in readings)))
    for model in models_of(merged, printed=True):
        for device in devices:
            found = [reading for reading in readings if (reading.cell.model, reading.cell.device) == (model, device)]
            names = merged.label(model), merged.label(device)
            if found:
                rows += [_row(names, reading, one=len(found) == 1) for reading in found]
            elif device in PRINTED_DEVICES:
                rows.append(_empty(model, device, names))
    return Table("training", "Training on different hardware", _COLUMNS, tuple(rows), _NOTES)


def _empty(model: str, device: str, names: tuple[str, str]) -> Row:
    nothing = NotMeasured(NOT_IN_RUN)
    return Row(
        f"train/{model}-{device}",
        ", ".join(names),
        (Text(names[0]), Text(names[1]), nothing, nothing, nothing, nothing),
    )


def _row(names: tuple[str, str], reading: Reading, *, one: bool) -> Row:
    model, device = names
    if not one:
        model = f"{model}, {reading.cell.id}"
    values: tuple[Value, ...] = (
        Text(model),
        Text(device),
        observed(reading, lambda m: _time(m.training)),
        observed(reading, lambda m: _rate(m.training)),
        accuracy(reading),
        observed(reading, lambda m: None if m.training is None else Quantity(m.training.first_step_s)),
    )
    return Row(reading.cell.key, f"{model}, {device}", values, machine_of(reading))


def _time(training: Training | None) -> Value | None:
    """Seconds of all epochs; one epoch has no spread."""
    if training is None or not training.epoch_s:
        return None
    epochs = training.epoch_s
    total = sum(epochs)
    if len(epochs) == 1:
        return Quantity(total)
    # Adding in floating point may leave the two ends by one digit: keep the total between them.
    return Quantity(total, min(total, min(epochs) * len(epochs)), max(total, max(epochs) * len(epochs)))


def _rate(training: Training | None) -> Value | None:
    """Training images per second."""
    time = _time(training)
    if training is None or not isinstance(time, Quantity):
        return None
    images = training.samples_per_epoch * len(training.epoch_s)
    if min(training.epoch_s) <= 0:
        return NotMeasured("shorter than the clock can tell")
    if time.low is None or time.high is None:
        return Quantity(images / time.value)
    return Quantity(images / time.value, images / time.high, images / time.low)
