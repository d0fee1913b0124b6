"""What a table can say of a latency: how calls vary, how they start, what they take, what limits them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lab4.analysis.distribution import COMPARISON_LATENCY, Summary, uncertainty
from lab4.analysis.figures import RECORDED, peak_memory
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import Roofline, judge, overhead_s, peak_rates, place_of, times_by_batch
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
from lab4.analysis.tables import Kind, NotApplicable, NotMeasured, Quantity, Text, Value
from lab4.domain.observed import Latency, Work
from lab4.domain.outcome import Measured


def _summary(
    heading: str, kind: Kind, figure: Callable[[Summary], Found], why: str = NOT_RECORDED, absent: str = "no latency"
) -> Measure:
    return Measure(heading, kind, of_latency(lambda _, summary: figure(summary), why, absent))


def _latency(heading: str, kind: Kind, figure: Callable[[Latency], Found]) -> Measure:
    return Measure(heading, kind, of_latency(lambda latency, _: figure(latency)))


def _resource(heading: str, kind: Kind, name: str, figure: Callable[[Measured], Found]) -> Measure:
    """What calls take: of a cell with a latency, or the record's reason why it is not there."""

    def of(measured: Measured) -> Found:
        found = figure(measured)
        return NotMeasured(measured.missing.get(name, NOT_RECORDED)) if found is None else found

    def value(subject: Subject) -> Value:
        has_latency = subject.observation is not None and subject.observation.latency is not None
        return observed(subject.observation, lambda m: of(m) if has_latency else NotMeasured("no latency"))

    return Measure(heading, kind, value)


def _count(heading: str, event: str) -> Measure:
    def of(measured: Measured) -> Found:
        found = measured.counters
        if found is None:
            return None
        if event not in found.counts:
            return NotMeasured("not counted: this processor has no such counter, or it was not free")
        return found.counts[event] / found.calls

    return _resource(heading, "count", "counters", of)


def _of_work(figure: Callable[[Work], Found]) -> Callable[[Measured], Found]:
    return lambda m: NotMeasured(m.missing.get("work", NOT_RECORDED)) if m.work is None else figure(m.work)


def _work(heading: str, kind: Kind, figure: Callable[[Work], Found]) -> Measure:
    return Measure(heading, kind, of_measured(_of_work(figure)))


def _roof(heading: str, kind: Kind, figure: Callable[[Roofline], Found]) -> Measure:
    """A figure of the cell under its roof, or why it is under none."""

    def value(subject: Subject) -> Value:
        def of(work: Work) -> Found:
            roof = _placed(subject.observations, subject.observation, work)
            return roof if isinstance(roof, NotMeasured) else figure(roof)

        return observed(subject.observation, _of_work(of))

    return Measure(heading, kind, value)


def _placed(observations: Observations, found: Observation | None, work: Work) -> Roofline | NotMeasured:
    """The cell under the roofs of its own run; its overhead by the other batch sizes of that run."""
    if found is None or found.latency is None:
        return NotMeasured("no latency")
    place = place_of(observations.catalogue.device(found.cell.device), found.cell.threads)
    rates = peak_rates(found.source.run.peaks, place)
    return judge(work, found.latency.p50_s, rates, overhead_s(times_by_batch(observations, found)))


def _possible_causes(latency: Latency, summary: Summary) -> Value:
    found = uncertainty(latency, summary.interval)
    if found.causes:
        return Text("; ".join(found.causes))
    return NotApplicable() if found.is_reached else Text("nothing was seen")


_WARM = {True: "steady", False: "time or calls used up", None: "not recorded"}

LATENCY_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "time": _summary("p50", "milliseconds", lambda s: Quantity(s.p50_s, s.p25_s, s.p75_s), absent=NOT_OBSERVED),
        "judged": _summary(COMPARISON_LATENCY.title(), "milliseconds", lambda s: s.comparison_s, absent=NOT_OBSERVED),
        "uncertainty": Measure(
            "Uncertainty", "text", of_latency(lambda each, s: uncertainty(each, s.interval).text, absent=NOT_OBSERVED)
        ),
        "p90": _summary("p90", "milliseconds", lambda s: s.p90_s, absent=NOT_OBSERVED),
        "p99": _summary("p99", "milliseconds", lambda s: s.p99_s, absent=NOT_OBSERVED),
        "first": Measure(
            "First Call", "milliseconds", of_measured(lambda m: None if m.latency is None else m.latency.first_call_s)
        ),
        "threads": _latency(
            "Threads", "text", lambda each: "the runtime's own pool" if each.threads is None else str(each.threads)
        ),
        "calls": _summary("Samples", "count", lambda s: s.samples),
        "p50": _summary("p50", "milliseconds", lambda s: Quantity(s.p50_s, s.interval.low, s.interval.high)),
        "width": _summary(
            "Half-Width", "percent", lambda s: s.interval.relative_half_width if s.p50_s > 0 else None, NO_TIME
        ),
        "ended": _latency("Ended By", "text", lambda each: each.ended),
        "min": _summary("Min", "milliseconds", lambda s: s.min_s),
        "iqr": _summary("IQR", "milliseconds", lambda s: Quantity(s.p75_s - s.p25_s, s.p25_s, s.p75_s)),
        "drift": _summary("Drift", "percent", lambda s: s.drift, "too few rounds"),
        "outliers": _summary("Outliers", "count", lambda s: s.outliers),
        "contended": _summary("Contended Calls", "percent", lambda s: s.contended),
        "slowdown": _summary(
            "Slowdown When Contended", "percent", lambda s: s.slowdown, "needs both contended and uncontended calls"
        ),
        "rounds": _latency("Rounds", "count", lambda each: len(each.calls.round_sizes)),
        "calls_per_sample": _summary("Calls per Sample", "count", lambda s: s.iterations),
        "causes": Measure("Possible Causes", "text", of_latency(_possible_causes)),
        "compute_only": _summary(
            "Compute Only",
            "milliseconds",
            lambda s: s.compute_only_s,
            "its runtime does not separate the copies, or this was left out (--lab4-resources)",
        ),
        "clock": _latency("Inside the Clock", "text", lambda each: each.calls.clock),
        "compute_clock": _latency(
            "Inside the Compute-Only Clock",
            "text",
            lambda each: NotApplicable() if each.compute_only is None else each.compute_only.clock,
        ),
        "load": _latency("Load", "milliseconds", lambda each: each.load_s),
        "loads": _latency("Loads", "count", lambda each: each.loads),
        "warmup": _latency("Warm-Up Calls", "count", lambda each: each.warmup.calls),
        "warm": _latency("Warm-Up Ended", "text", lambda each: _WARM[each.warmup.steady]),
        "cores": _latency(
            "Pinned to Cores",
            "text",
            lambda each: "unpinned" if each.cores is None else ", ".join(map(str, each.cores)),
        ),
        "memory": _resource("Peak Memory", "bytes", "memory", peak_memory),
        "energy": _resource("Energy per Call", "millijoules", "energy", RECORDED["energy"]),
        "instructions": _count("Instructions per Call", "instructions"),
        "cycles": _count("Cycles per Call", "cycles"),
        "misses": _count("Cache Misses per Call", "cache-misses"),
        "work": _work("Work per Call", "operations", lambda w: w.operations),
        "bytes": _work("Bytes per Call", "bytes", lambda w: w.bytes),
        "arithmetic": _work("Arithmetic", "text", lambda w: w.arithmetic),
        "intensity": _roof("Operations per Byte", "ratio", lambda r: r.intensity),
        "attained": _roof("Attained", "operation_rate", lambda r: r.attained_per_s),
        "share": _roof("Share of the Roof", "percent", lambda r: r.share),
        "bound": _roof("Bound By", "text", lambda r: r.bound),
        "overhead": _roof(
            "Overhead",
            "percent",
            lambda r: NotMeasured("one batch size only") if r.overhead_share is None else r.overhead_share,
        ),
    }
)
