"""What a table can say of a latency: how calls vary, how they start, what they take, what limits them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lab4.analysis.distribution import Summary
from lab4.analysis.figures import RECORDED
from lab4.analysis.judging import COMPARISON_LATENCY
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import Roofline, judge, overhead_s, peak_rates, place_of
from lab4.analysis.stability import stability
from lab4.analysis.subject import (
    NO_TIME,
    NOT_OBSERVED,
    NOT_RECORDED,
    Found,
    Measure,
    Subject,
    observed,
    of_latency,
    of_measured,
)
from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity, Text, Value
from lab4.domain.cell import LATENCY
from lab4.domain.observed import Latency
from lab4.domain.outcome import Measured
from lab4.domain.resources import Work


def _summary(
    figure: Callable[[Summary], Found], why: str = NOT_RECORDED, absent: str = "no latency"
) -> Callable[[Subject], Value]:
    return of_latency(lambda _, summary: figure(summary), why, absent)


def _latency(figure: Callable[[Latency], Found]) -> Callable[[Subject], Value]:
    return of_latency(lambda latency, _: figure(latency))


def _resource(name: str, figure: Callable[[Measured], Found]) -> Callable[[Subject], Value]:
    """What calls take: of a cell with a latency, or the record's reason why it is not there."""

    def of(measured: Measured) -> Found:
        found = figure(measured)
        return NotMeasured(measured.missing.get(name, NOT_RECORDED)) if found is None else found

    def value(subject: Subject) -> Value:
        has_latency = subject.observation is not None and subject.observation.latency is not None
        return observed(subject.observation, lambda m: of(m) if has_latency else NotMeasured("no latency"))

    return value


def _count(event: str) -> Callable[[Subject], Value]:
    def of(measured: Measured) -> Found:
        found = measured.counters
        if found is None:
            return None
        if event not in found.counts:
            return NotMeasured("this processor does not count it")
        return found.counts[event] / found.calls

    return _resource("counters", of)


def _work(figure: Callable[[Work], Found]) -> Callable[[Subject], Value]:
    return of_measured(lambda m: NotMeasured(m.missing.get("work", NOT_RECORDED)) if m.work is None else figure(m.work))


def _roof(figure: Callable[[Roofline], Found]) -> Callable[[Subject], Value]:
    """A figure of the cell under its roof, or why it is under none."""

    def value(subject: Subject) -> Value:
        def of(work: Work) -> Found:
            roof = _placed(subject.observations, subject.observation, work)
            return roof if isinstance(roof, NotMeasured) else figure(roof)

        return _work(of)(subject)

    return value


def _placed(observations: Observations, found: Observation | None, work: Work) -> Roofline | NotMeasured:
    """The cell under the roofs of its own run; its overhead by the other batch sizes of that run."""
    if found is None or found.latency is None:
        return NotMeasured("no latency")
    cell = found.cell
    timed = [
        (each.cell.batch_size, each.latency.p50_s)
        for each in observations.where(LATENCY, variant=cell.variant, device=cell.device, format=cell.format)
        if each.latency is not None
        and each.cell.batch_size is not None
        and each.source is found.source
        and each.cell.axes | {"batch_size": None} == cell.axes | {"batch_size": None}
    ]
    place = place_of(observations.catalogue.device(cell.device), cell.threads)
    rates = peak_rates(found.source.run.peaks, place)
    return judge(work, found.latency.p50_s, rates, overhead_s(timed))


def _possible_causes(latency: Latency, summary: Summary) -> Value:
    found = stability(latency, summary.interval)
    if found.causes:
        return Text("; ".join(found.causes))
    return Text("nothing was seen") if found.state == "unstable" else NotApplicable()


_WARM = {True: "steady", False: "time or calls used up", None: "not recorded"}

LATENCY_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "time": Measure(
            "p50", "milliseconds", _summary(lambda s: Quantity(s.p50_s, s.p25_s, s.p75_s), absent=NOT_OBSERVED)
        ),
        "judged": Measure(
            COMPARISON_LATENCY.title(), "milliseconds", _summary(lambda s: s.comparison_s, absent=NOT_OBSERVED)
        ),
        "state": Measure(
            "State", "text", of_latency(lambda each, s: stability(each, s.interval).state, absent=NOT_OBSERVED)
        ),
        "p90": Measure("p90", "milliseconds", _summary(lambda s: s.p90_s, absent=NOT_OBSERVED)),
        "p99": Measure("p99", "milliseconds", _summary(lambda s: s.p99_s, absent=NOT_OBSERVED)),
        "first": Measure(
            "First Call", "milliseconds", of_measured(lambda m: None if m.latency is None else m.latency.first_call_s)
        ),
        "threads": Measure(
            "Threads",
            "text",
            _latency(lambda each: "the runtime's own pool" if each.threads is None else str(each.threads)),
        ),
        "calls": Measure("Samples", "count", _summary(lambda s: s.samples)),
        "p50": Measure("p50", "milliseconds", _summary(lambda s: Quantity(s.p50_s, s.interval.low, s.interval.high))),
        "width": Measure(
            "Half-Width",
            "percent",
            _summary(lambda s: s.interval.relative_half_width if s.p50_s > 0 else None, NO_TIME),
        ),
        "ended": Measure("Ended By", "text", _latency(lambda each: each.ended)),
        "min": Measure("Min", "milliseconds", _summary(lambda s: s.min_s)),
        "iqr": Measure("IQR", "milliseconds", _summary(lambda s: Quantity(s.p75_s - s.p25_s, s.p25_s, s.p75_s))),
        "drift": Measure("Drift", "percent", _summary(lambda s: s.drift, "too few rounds")),
        "outliers": Measure("Outliers", "count", _summary(lambda s: s.outliers)),
        "contended": Measure("Contended Calls", "percent", _summary(lambda s: s.contended)),
        "slowdown": Measure(
            "Slowdown When Contended",
            "percent",
            _summary(lambda s: s.slowdown, "needs both contended and uncontended calls"),
        ),
        "rounds": Measure("Rounds", "count", _latency(lambda each: len(each.calls.round_sizes))),
        "calls_per_sample": Measure("Calls per Sample", "count", _summary(lambda s: s.iterations)),
        "causes": Measure("Possible Causes", "text", of_latency(_possible_causes)),
        "compute_only": Measure(
            "Compute Only",
            "milliseconds",
            _summary(lambda s: s.compute_only_s, "its runtime does not separate the copies"),
        ),
        "clock": Measure("Inside the Clock", "text", _latency(lambda each: each.calls.clock)),
        "compute_clock": Measure(
            "Inside the Compute-Only Clock",
            "text",
            _latency(lambda each: NotApplicable() if each.compute_only is None else each.compute_only.clock),
        ),
        "load": Measure("Load", "milliseconds", _latency(lambda each: each.load_s)),
        "loads": Measure("Loads", "count", _latency(lambda each: each.loads)),
        "warmup": Measure("Warm-Up Calls", "count", _latency(lambda each: each.warmup.calls)),
        "warm": Measure("Warm-Up Ended", "text", _latency(lambda each: _WARM[each.warmup.steady])),
        "cores": Measure(
            "Pinned to Cores",
            "text",
            _latency(lambda each: "unpinned" if each.cores is None else ", ".join(map(str, each.cores))),
        ),
        "memory": Measure("Peak Memory", "bytes", _resource("memory", RECORDED["memory"])),
        "energy": Measure("Energy per Call", "millijoules", _resource("energy", RECORDED["energy"])),
        "instructions": Measure("Instructions per Call", "count", _count("instructions")),
        "cycles": Measure("Cycles per Call", "count", _count("cycles")),
        "misses": Measure("Cache Misses per Call", "count", _count("cache-misses")),
        "work": Measure("Work per Call", "operations", _work(lambda w: w.operations)),
        "bytes": Measure("Bytes per Call", "bytes", _work(lambda w: w.bytes)),
        "arithmetic": Measure("Arithmetic", "text", _work(lambda w: w.arithmetic)),
        "intensity": Measure("Operations per Byte", "ratio", _roof(lambda r: r.intensity)),
        "attained": Measure("Attained", "operation_rate", _roof(lambda r: r.attained_per_s)),
        "share": Measure("Share of the Roof", "percent", _roof(lambda r: r.share)),
        "bound": Measure("Bound By", "text", _roof(lambda r: r.bound)),
        "overhead": Measure(
            "Overhead",
            "percent",
            _roof(lambda r: NotMeasured("one batch size only") if r.overhead_share is None else r.overhead_share),
        ),
    }
)
