"""Part 1, inference: latency of the printed rows, then of every format and technique that ran."""

from lab4.analysis.distribution import P90_LEAST_CALLS, P99_LEAST_CALLS
from lab4.analysis.judging import JUDGING
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.parts.shared import MODEL, PRINTED_DEVICES, PRINTED_MODELS, machine_of, models_of, variant_name
from lab4.analysis.tables import Column, Quantity, Row, Table, Text, Value
from lab4.analysis.values import first_call, judged, observed, percentile, rate, state, typical
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured

__all__ = ["every_table", "printed_table"]

_PRINTED_BATCHES = (1, 32)
_DEVICE = Column("device", "Hardware", "text")
_BATCH = Column("batch", "Batch Size", "text")
_JUDGED = Column("judged", JUDGING.title(), "milliseconds")
_STATE = Column("state", "State", "text")
_RATE = Column("rate", "Samples/Second", "rate")

_PRINTED = (MODEL, _DEVICE, _BATCH, Column("time", "Inference Time", "milliseconds"), _RATE, _JUDGED, _STATE)
_EVERY = (
    MODEL,
    Column("format", "Format", "text"),
    _DEVICE,
    _BATCH,
    Column("time", "p50", "milliseconds"),
    _STATE,
    _JUDGED,
    Column("p90", "p90", "milliseconds"),
    Column("p99", "p99", "milliseconds"),
    _RATE,
    Column("first", "First Call", "milliseconds"),
    Column("threads", "Threads", "text"),
    Column("calls", "Calls", "count"),
)
_SPREAD_NOTE = (
    "Inference time is the median (p50) of single calls, from p25 to p75, and samples/second is the batch size divided "
    "by it; all are of the calls that had their core to themselves. The "
    f"{JUDGING} is the statistic that comparisons use, because it varies least between unchanged runs: the lower "
    "quartile of the passes' p10, at the speed that the machine usually had in the run. A cell is unstable where the "
    "machine did not let the median be known to the profile's target: the table of how inference times vary says what "
    "was seen."
)
_PERCENTILE_NOTE = (
    f"A p90 is stated from {P90_LEAST_CALLS} calls on and a p99 from {P99_LEAST_CALLS} on (MLPerf LoadGen's bounds)."
)


def printed_table(merged: Observations) -> Table:
    """The form's rows: the original model in Keras on each device at each batch size, and further models."""
    seen = [
        reading.cell
        for reading in merged.where(mark="inference")
        if reading.cell.format == "keras" and not reading.cell.techniques and reading.cell.batch_size is not None
    ]
    printed = [
        Cell("latency", model, (), device, batch, "keras")
        for model in PRINTED_MODELS
        for device in PRINTED_DEVICES
        for batch in _PRINTED_BATCHES
    ]
    models = models_of(merged, printed=True)
    cells = dict.fromkeys((*printed, *seen))
    rows = tuple(_printed_row(merged, cell) for cell in sorted(cells, key=lambda cell: models.index(cell.model)))
    notes = ("Timed is the compiled function of the Keras model, one call at a time.", _SPREAD_NOTE)
    return Table("inference", "Inference on different hardware", _PRINTED, rows, notes)


def every_table(merged: Observations) -> Table:
    """Every inference cell of the runs, whatever its outcome."""
    rows = tuple(_every_row(merged, reading) for reading in merged.where(mark="inference"))
    notes = (
        _SPREAD_NOTE,
        _PERCENTILE_NOTE,
        (
            "The first call after loading is apart. model.predict is timed as its own format: "
            "it measures Keras's loop around the model."
        ),
    )
    return Table("inference_all", "Inference in every format", _EVERY, rows, notes, printed=False, appendix=True)


def _printed_row(merged: Observations, cell: Cell) -> Row:
    reading = merged.at(cell)
    model, device, batch = (
        merged.catalogue.any_label(cell.model),
        merged.catalogue.any_label(cell.device),
        str(cell.batch_size),
    )
    values = (Text(model), Text(device), Text(batch), typical(reading), rate(reading), judged(reading), state(reading))
    return Row(cell.key, f"{model}, {device}, batch {batch}", values, machine_of(reading))


def _every_row(merged: Observations, reading: Observation) -> Row:
    cell = reading.cell
    model, form, device = (
        variant_name(merged, cell.variant),
        merged.catalogue.any_label(cell.format),
        merged.catalogue.any_label(cell.device),
    )
    batch = "any" if cell.batch_size is None else str(cell.batch_size)
    values: tuple[Value, ...] = (
        Text(model),
        Text(form),
        Text(device),
        Text(batch),
        typical(reading),
        state(reading),
        judged(reading),
        percentile(reading, "p90"),
        percentile(reading, "p99"),
        rate(reading),
        first_call(reading),
        observed(reading, _threads),
        observed(reading, lambda _: None if reading.latency is None else Quantity(reading.latency.samples)),
    )
    return Row(cell.key, f"{model}, {form}, {device}, batch {batch}", values, machine_of(reading))


def _threads(measured: Measured) -> Value | None:
    if measured.latency is None:
        return None
    threads = measured.latency.threads
    return Text("the runtime's own pool" if threads is None else str(threads))
