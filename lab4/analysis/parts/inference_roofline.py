"""Part 1, inference: what limits each cell, by the roofline of the machine it ran on."""

from lab4.analysis.observations import Observation, Observations
from lab4.analysis.parts.shared import cell_name, machine_of
from lab4.analysis.roofline import Roofline, judge, overhead_s, peak_rates
from lab4.analysis.tables import Column, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.values import observed
from lab4.domain.cell import Cell
from lab4.domain.outcome import Measured
from lab4.domain.resources import Work

__all__ = ["table"]


def table(merged: Observations) -> Table:
    """Every inference cell under the roofs of its own run."""
    columns = (
        Column("cell", "Cell", "text"),
        Column("work", "Work a Call", "operations"),
        Column("bytes", "Bytes a Call", "bytes"),
        Column("intensity", "Operations a Byte", "ratio"),
        Column("attained", "Attained", "operation_rate"),
        Column("share", "Of the Roof", "percent"),
        Column("bound", "Bound By", "text"),
        Column("overhead", "Overhead", "percent"),
        Column("arithmetic", "Arithmetic", "text"),
    )
    readings = merged.where(mark="inference")
    rows = tuple(_roofline_row(merged, reading, readings) for reading in readings)
    notes = (
        (
            "The roof is the lower of the machine's own peak in that arithmetic and of the operations a byte times its "
            "bandwidth, all measured in this run: with as many threads, or on the GPU. Bytes are the least that must "
            "move: every weight once, input and output. A cell is bound by call overhead where more than half of its "
            "time does not depend on the batch size and is not the reading of weights. Operations are dense: the "
            "zeros of a pruned model are multiplied."
        ),
    )
    return Table("inference_roofline", "What limits inference", columns, rows, notes, printed=False, appendix=True)


def _roofline_row(merged: Observations, reading: Observation, readings: tuple[Observation, ...]) -> Row:
    placed: list[tuple[Work, Roofline | NotMeasured]] = []

    def place(measured: Measured) -> Value | None:
        if measured.work is None:
            return NotMeasured(measured.missing.get("work", "not in the record"))
        placed.append((measured.work, _placed(reading, measured.work, readings)))
        return Text(measured.work.arithmetic)

    arithmetic = observed(reading, place)
    name = Text(cell_name(merged, reading))
    if not placed:
        return Row(reading.cell.key, name.text, (name, *[arithmetic] * 8), machine_of(reading))
    work, roof = placed[0]
    counted = (Quantity(work.operations), Quantity(work.bytes))
    if isinstance(roof, NotMeasured):
        return Row(reading.cell.key, name.text, (name, *counted, *[roof] * 5, arithmetic), machine_of(reading))
    bound = Text(roof.bound) if isinstance(roof.bound, str) else roof.bound
    overhead = NotMeasured("one batch size only") if roof.overhead_share is None else Quantity(roof.overhead_share)
    values = (Quantity(roof.intensity), Quantity(roof.attained_per_s), Quantity(roof.share), bound, overhead)
    return Row(reading.cell.key, name.text, (name, *counted, *values, arithmetic), machine_of(reading))


def _placed(reading: Observation, work: Work, readings: tuple[Observation, ...]) -> Roofline | NotMeasured:
    if reading.latency is None:
        return NotMeasured("no latency")
    rates = peak_rates(reading.source.run.peaks, reading.cell.threads, reading.cell.device)
    alike = [
        (each.cell.batch_size, each.latency.p50_s)
        for each in readings
        if each.latency is not None
        and each.cell.batch_size is not None
        and each.source is reading.source
        and _but_batch(each.cell) == _but_batch(reading.cell)
    ]
    return judge(work, reading.latency.p50_s, rates, overhead_s(alike))


def _but_batch(cell: Cell) -> tuple[object, ...]:
    return cell.model, cell.techniques, cell.device, cell.format, cell.threads
