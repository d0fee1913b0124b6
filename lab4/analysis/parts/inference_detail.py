"""Part 1, inference in detail: how calls vary, how they start, what they take, what limits them."""

from collections.abc import Callable

from lab4.analysis.distribution import Summary
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.parts import inference_roofline
from lab4.analysis.parts.shared import cell_name, machine_of
from lab4.analysis.stability import Stability, stability
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.values import observed
from lab4.domain.observed import Latency
from lab4.domain.outcome import Measured

__all__ = ["detail_tables"]

#: From a measured cell with a latency to a value.
_Tell = Callable[[Measured, Latency, Summary], Value | None]

_NAME = Column("cell", "Cell", "text")


def detail_tables(merged: Observations) -> tuple[Table, ...]:
    """The detail of every inference cell, for the appendix."""
    return (_variation(merged), _start(merged), _resources(merged), inference_roofline.table(merged))


def _variation(merged: Observations) -> Table:
    columns: dict[Column, _Tell] = {
        Column("p50", "p50", "milliseconds"): lambda _, __, s: Quantity(s.p50_s, s.interval.low, s.interval.high),
        Column("width", "Half-Width", "percent"): lambda _, __, s: (
            Quantity(s.interval.relative_half_width) if s.p50_s > 0 else NotMeasured("shorter than the clock can tell")
        ),
        Column("state", "State", "text"): lambda _, each, s: Text(_stability(each, s).state),
        Column("ended", "Ended By", "text"): lambda _, each, __: Text(each.ended),
        Column("min", "Min", "milliseconds"): lambda _, __, s: Quantity(s.min_s),
        Column("iqr", "IQR", "milliseconds"): lambda _, __, s: Quantity(s.p75_s - s.p25_s, s.p25_s, s.p75_s),
        Column("drift", "Drift", "percent"): lambda _, __, s: (
            NotMeasured("too few passes") if s.drift is None else Quantity(s.drift)
        ),
        Column("outliers", "Outliers", "count"): lambda _, __, s: Quantity(s.outliers),
        Column("disturbed", "Disturbed", "percent"): lambda _, __, s: (
            NotMeasured("not in the record") if s.disturbed is None else Quantity(s.disturbed)
        ),
        Column("slower", "Then Slower By", "percent"): lambda _, __, s: (
            NotMeasured("no call was disturbed, or hardly one was not") if s.slower is None else Quantity(s.slower)
        ),
        Column("calls", "Samples", "count"): lambda _, __, s: Quantity(s.samples),
        Column("passes", "Passes", "count"): lambda _, each, __: Quantity(len(each.calls.pass_sizes)),
        Column("each", "Calls a Sample", "count"): lambda _, __, s: Quantity(s.iterations),
        Column("causes", "Seen Beside It", "text"): lambda _, each, s: _told(_stability(each, s)),
    }
    notes = (
        (
            "p50 has its 95% interval: passes, not calls, are taken as independent (an order-statistic interval for "
            "clusters); half-width is of that interval, as a share of p50. A cell is measured in passes spread over "
            "the run until the half-width meets the profile's target; one that never did, or that hardly had its core "
            "to itself, is unstable, and what was seen beside it stands there, which need not be the reason."
        ),
        (
            "All but the counts is of the calls that had their core to themselves. Disturbed is the share of calls "
            "beside which something else worked on it, by the contention kernel; their median is longer by so much."
        ),
        (
            "Drift is Sen's slope of the passes' medians over the run; outliers lie more than three IQRs above p75. "
            "Samples are the calls that were kept: of a pass with very many of them, some, spread over all of it."
        ),
    )
    return _table(merged, "inference_variation", "How inference times vary", columns, notes)


def _start(merged: Observations) -> Table:
    columns: dict[Column, _Tell] = {
        Column("alone", "Model Alone", "milliseconds"): lambda _, __, s: (
            NotMeasured("its runtime does not tell copies apart") if s.alone_s is None else Quantity(s.alone_s)
        ),
        Column("time", "With Copies", "milliseconds"): lambda _, __, s: Quantity(s.p50_s),
        Column("clock", "Inside the Clock", "text"): lambda _, each, __: Text(each.calls.clock),
        Column("alone_clock", "Inside Alone's Clock", "text"): lambda _, each, __: (
            NotApplicable() if each.alone is None else Text(each.alone.clock)
        ),
        Column("load", "Load", "milliseconds"): lambda _, each, __: (
            NotMeasured("not in the record") if each.load_s is None else Quantity(each.load_s)
        ),
        Column("loads", "Loads", "count"): lambda _, each, __: Quantity(each.loads),
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
            "ends when a Mann-Kendall test sees calls become faster no more, or when its time or its calls are used up."
        ),
    )
    return _table(merged, "inference_start", "How inference starts, and what its clock contains", columns, notes)


_WARM = {True: "steady", False: "time or calls used up", None: "not told"}


def _resources(merged: Observations) -> Table:
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


def _stability(latency: Latency, summary: Summary) -> Stability:
    return stability(latency, summary.interval)


def _told(found: Stability) -> Value:
    if found.state != "unstable":
        return NotApplicable()
    return Text("; ".join(found.causes) or "nothing")


def _table(merged: Observations, key: str, title: str, columns: dict[Column, _Tell], notes: tuple[str, ...]) -> Table:
    rows = tuple(_row(merged, reading, tuple(columns.values())) for reading in merged.where(mark="inference"))
    return Table(key, title, (_NAME, *columns), rows, notes, printed=False, appendix=True)


def _row(merged: Observations, reading: Observation, tells: tuple[_Tell, ...]) -> Row:
    name = cell_name(merged, reading)
    values = tuple(_value(reading, tell) for tell in tells)
    return Row(reading.cell.key, name, (Text(name), *values), machine_of(reading))


def _value(reading: Observation, tell: _Tell) -> Value:
    def figure(measured: Measured) -> Value | None:
        if measured.latency is None or reading.latency is None:
            return None
        return tell(measured, measured.latency, reading.latency)

    return observed(reading, figure)
