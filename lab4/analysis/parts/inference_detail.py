"""Part 1, inference in detail: how calls vary, how they start, what they take, what limits them."""

from collections.abc import Callable

from lab4.analysis.distribution import Summary
from lab4.analysis.merge import Merged, Reading
from lab4.analysis.parts.shared import machine_of, variant_name
from lab4.analysis.roofline import Roofline, judge, overhead_s, peak_rates
from lab4.analysis.stability import Stability, stability
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.values import observed
from lab4.domain.cell import Cell
from lab4.domain.observed import Latency, Work
from lab4.domain.outcome import Measured

__all__ = ["detail_tables"]

#: From a measured cell with a latency to a value.
_Tell = Callable[[Measured, Latency, Summary], Value | None]

_NAME = Column("cell", "Cell", "text")


def detail_tables(merged: Merged) -> tuple[Table, ...]:
    """The detail of every inference cell, for the appendix."""
    return (_variation(merged), _start(merged), _resources(merged), _roofline(merged))


def _variation(merged: Merged) -> Table:
    columns: dict[Column, _Tell] = {
        Column("p50", "p50", "milliseconds"): lambda _, __, s: Quantity(s.p50_s, s.interval.low, s.interval.high),
        Column("width", "Half-Width", "percent"): lambda _, __, s: (
            Quantity(s.interval.relative_half_width) if s.p50_s > 0 else NotMeasured("shorter than the clock can tell")
        ),
        Column("state", "State", "text"): lambda _, each, s: Text(_stability(each, s).state),
        Column("causes", "Seen Beside It", "text"): lambda _, each, s: _told(_stability(each, s)),
        Column("min", "Min", "milliseconds"): lambda _, __, s: Quantity(s.min_s),
        Column("iqr", "IQR", "milliseconds"): lambda _, __, s: Quantity(s.p75_s - s.p25_s, s.p25_s, s.p75_s),
        Column("drift", "Drift", "percent"): lambda _, __, s: (
            NotMeasured("too few passes") if s.drift is None else Quantity(s.drift)
        ),
        Column("outliers", "Outliers", "count"): lambda _, __, s: Quantity(s.outliers),
        Column("calls", "Samples", "count"): lambda _, __, s: Quantity(s.samples),
        Column("passes", "Passes", "count"): lambda _, each, __: Quantity(len(each.calls.pass_sizes)),
        Column("each", "Calls a Sample", "count"): lambda _, __, s: Quantity(s.iterations),
    }
    notes = (
        (
            "p50 has its 95% interval: passes, not calls, are taken as independent (an order-statistic interval for "
            "clusters); half-width is of that interval, as a share of p50. A cell is measured in passes spread over "
            "the run until the half-width meets the profile's target; one that never did is unstable, and what was "
            "seen beside it stands there, which need not be the reason."
        ),
        "Drift is Sen's slope of the passes' medians over the run; outliers lie more than three IQRs above p75.",
    )
    return _table(merged, "inference_variation", "How inference times vary", columns, notes)


def _start(merged: Merged) -> Table:
    columns: dict[Column, _Tell] = {
        Column("alone", "Model Alone", "milliseconds"): lambda _, __, s: (
            NotMeasured("its runtime does not tell copies apart") if s.alone_s is None else Quantity(s.alone_s)
        ),
        Column("time", "With Copies", "milliseconds"): lambda _, __, s: Quantity(s.p50_s),
        Column("clock", "Inside the Clock", "text"): lambda _, each, __: Text(each.calls.clock),
        Column("load", "Load", "milliseconds"): lambda _, each, __: (
            NotMeasured("not in the record") if each.load_s is None else Quantity(each.load_s)
        ),
        Column("first", "First Call", "milliseconds"): lambda _, each, __: Quantity(each.first_call_s),
        Column("warmup", "Warm-Up Calls", "count"): lambda _, each, __: Quantity(each.warmup.calls),
        Column("warm", "Warm-Up Ended", "text"): lambda _, each, __: Text(_WARM[each.warmup.steady]),
        Column("cores", "Held on Cores", "text"): lambda _, each, __: Text(
            "free" if each.cores is None else ", ".join(map(str, each.cores))
        ),
    }
    notes = (
        (
            "Load is from the file to a runner that can be called; the first call after it is its own figure. Warm-up "
            "ends when a Mann-Kendall test sees calls become faster no more, or when its time is up."
        ),
    )
    return _table(merged, "inference_start", "How inference starts, and what its clock contains", columns, notes)


_WARM = {True: "steady", False: "time was up", None: "not told"}


def _resources(merged: Merged) -> Table:
    def missing(measured: Measured, name: str) -> Value:
        return NotMeasured(measured.missing.get(name, "not in the record"))

    columns: dict[Column, _Tell] = {
        Column("memory", "Peak Memory", "bytes"): lambda m, _, __: (
            missing(m, "memory") if m.memory is None else Quantity(m.memory.bytes)
        ),
        Column("energy", "Energy a Call", "millijoules"): lambda m, _, __: (
            missing(m, "energy") if m.energy is None else Quantity(sum(m.energy.joules.values()) / m.energy.calls)
        ),
        Column("instructions", "Instructions a Call", "count"): lambda m, _, __: _count(m, "instructions"),
        Column("cycles", "Cycles a Call", "count"): lambda m, _, __: _count(m, "cycles"),
        Column("misses", "Cache Misses a Call", "count"): lambda m, _, __: _count(m, "cache-misses"),
    }
    notes = (
        (
            "Peak memory is what loading and calling hold beyond a process that has only imported the runtime. Energy "
            "is of all that the machine did meanwhile, by its own meters."
        ),
    )
    return _table(merged, "inference_resources", "What inference takes beside time", columns, notes)


def _count(measured: Measured, event: str) -> Value:
    found = measured.counters
    if found is None:
        return NotMeasured(measured.missing.get("counters", "not in the record"))
    if event not in found.counts:
        return NotMeasured("this processor does not count it")
    return Quantity(found.counts[event] / found.calls)


def _roofline(merged: Merged) -> Table:
    columns = (
        _NAME,
        Column("work", "Work a Call", "operations"),
        Column("bytes", "Bytes a Call", "bytes"),
        Column("intensity", "Operations a Byte", "ratio"),
        Column("attained", "Attained", "operation_rate"),
        Column("share", "Of the Roof", "percent"),
        Column("bound", "Bound By", "text"),
        Column("overhead", "Overhead", "percent"),
        Column("arithmetic", "Arithmetic", "text"),
    )
    readings = merged.of("inference")
    rows = tuple(_roofline_row(merged, reading, readings) for reading in readings)
    notes = (
        (
            "The roof is the lower of the machine's own peak in that arithmetic and of the operations a byte times its "
            "bandwidth, all measured in this run with as many threads; bytes are the least that must move: every "
            "weight once, input and output. A cell is bound by call overhead where more than half of its time does "
            "not depend on the batch size and is not the reading of weights. Operations are dense: the zeros of a "
            "pruned model are multiplied."
        ),
    )
    return Table("inference_roofline", "What limits inference", columns, rows, notes, printed=False, appendix=True)


def _roofline_row(merged: Merged, reading: Reading, readings: tuple[Reading, ...]) -> Row:
    placed: list[tuple[Work, Roofline | NotMeasured]] = []

    def place(measured: Measured) -> Value | None:
        if measured.work is None:
            return NotMeasured(measured.missing.get("work", "not in the record"))
        placed.append((measured.work, _placed(reading, measured.work, readings)))
        return Text(measured.work.arithmetic)

    arithmetic = observed(reading, place)
    name = Text(_name(merged, reading))
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


def _placed(reading: Reading, work: Work, readings: tuple[Reading, ...]) -> Roofline | NotMeasured:
    if reading.latency is None:
        return NotMeasured("no latency")
    rates = peak_rates(reading.source.run.peaks, reading.cell.threads)
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


def _stability(latency: Latency, summary: Summary) -> Stability:
    return stability(latency, summary.interval)


def _told(found: Stability) -> Value:
    if found.state != "unstable":
        return NotApplicable()
    return Text("; ".join(found.causes) or "nothing")


def _table(merged: Merged, key: str, title: str, columns: dict[Column, _Tell], notes: tuple[str, ...]) -> Table:
    rows = tuple(_row(merged, reading, tuple(columns.values())) for reading in merged.of("inference"))
    return Table(key, title, (_NAME, *columns), rows, notes, printed=False, appendix=True)


def _row(merged: Merged, reading: Reading, tells: tuple[_Tell, ...]) -> Row:
    name = _name(merged, reading)
    values = tuple(_value(reading, tell) for tell in tells)
    return Row(reading.cell.key, name, (Text(name), *values), machine_of(reading))


def _value(reading: Reading, tell: _Tell) -> Value:
    def figure(measured: Measured) -> Value | None:
        if measured.latency is None or reading.latency is None:
            return None
        return tell(measured, measured.latency, reading.latency)

    return observed(reading, figure)


def _name(merged: Merged, reading: Reading) -> str:
    cell = reading.cell
    threads = f", {cell.threads} threads" if cell.threads > 1 else ""
    parts = (variant_name(merged, cell.variant), merged.label(cell.format), merged.label(cell.device))
    return f"{', '.join(parts)}, batch {cell.batch_size}{threads}"
