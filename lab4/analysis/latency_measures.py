"""What a table can say of a latency: how calls vary, how they start, what they take, what limits them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lab4.analysis.distribution import Summary
from lab4.analysis.judging import COMPARISON_LATENCY
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import Roofline, judge, overhead_s, peak_rates, place_of
from lab4.analysis.stability import stability
from lab4.analysis.subject import Measure, Subject
from lab4.analysis.tables import NotApplicable, NotMeasured, Quantity, Text, Value
from lab4.analysis.values import first_call, judged, observed, percentile, state, typical
from lab4.domain.cell import LATENCY
from lab4.domain.observed import Latency
from lab4.domain.outcome import Measured
from lab4.domain.resources import Work

__all__ = ["LATENCY_MEASURES"]

_NOT_RECORDED = "not in the record"

#: From a measured cell with a latency to a value.
_OfLatency = Callable[[Measured, Latency, Summary], Value | None]


def _of_latency(figure: _OfLatency) -> Callable[[Subject], Value]:
    def value(subject: Subject) -> Value:
        found = subject.observation
        summary = None if found is None else found.latency

        def of(measured: Measured) -> Value | None:
            if measured.latency is None or summary is None:
                return NotMeasured("no latency")
            return figure(measured, measured.latency, summary)

        return observed(found, of)

    return value


def _summary(figure: Callable[[Summary], float | None], why: str = _NOT_RECORDED) -> Callable[[Subject], Value]:
    """A figure of the summary of the calls, or why there is none."""
    return _of_latency(lambda _, __, s: NotMeasured(why) if (found := figure(s)) is None else Quantity(found))


def _latency(figure: Callable[[Latency], float | None]) -> Callable[[Subject], Value]:
    """A figure of the latency's record."""
    return _of_latency(
        lambda _, each, __: NotMeasured(_NOT_RECORDED) if (found := figure(each)) is None else Quantity(found)
    )


def _latency_text(text: Callable[[Latency], str]) -> Callable[[Subject], Value]:
    return _of_latency(lambda _, each, __: Text(text(each)))


def _resource(name: str, figure: Callable[[Measured], float | None]) -> Callable[[Subject], Value]:
    def of(measured: Measured, _: Latency, __: Summary) -> Value:
        found = figure(measured)
        return NotMeasured(measured.missing.get(name, _NOT_RECORDED)) if found is None else Quantity(found)

    return _of_latency(of)


def _count(event: str) -> Callable[[Subject], Value]:
    def of(measured: Measured, _: Latency, __: Summary) -> Value:
        found = measured.counters
        if found is None:
            return NotMeasured(measured.missing.get("counters", _NOT_RECORDED))
        if event not in found.counts:
            return NotMeasured("this processor does not count it")
        return Quantity(found.counts[event] / found.calls)

    return _of_latency(of)


def _roof(figure: Callable[[Roofline], Value]) -> Callable[[Subject], Value]:
    """A figure of the cell under its roof, or why it is under none."""

    def value(subject: Subject) -> Value:
        found = subject.observation

        def of(measured: Measured) -> Value:
            if found is None or measured.work is None:
                return NotMeasured(measured.missing.get("work", _NOT_RECORDED))
            roof = _placed(subject.observations, found, measured.work)
            return roof if isinstance(roof, NotMeasured) else figure(roof)

        return observed(found, of)

    return value


def _work(figure: Callable[[Work], Value]) -> Callable[[Subject], Value]:
    return lambda subject: observed(
        subject.observation,
        lambda m: NotMeasured(m.missing.get("work", _NOT_RECORDED)) if m.work is None else figure(m.work),
    )


def _placed(observations: Observations, found: Observation, work: Work) -> Roofline | NotMeasured:
    """The cell under the roofs of its own run; its overhead by the other batch sizes of that run."""
    if found.latency is None:
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


def _possible_causes(_: Measured, latency: Latency, summary: Summary) -> Value:
    found = stability(latency, summary.interval)
    if found.causes:
        return Text("; ".join(found.causes))
    return Text("nothing was seen") if found.state == "unstable" else NotApplicable()


def _threads(latency: Latency) -> str:
    return "the runtime's own pool" if latency.threads is None else str(latency.threads)


_WARM = {True: "steady", False: "time or calls used up", None: "not recorded"}

LATENCY_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "time": Measure("p50", "milliseconds", lambda s: typical(s.observation)),
        "judged": Measure(COMPARISON_LATENCY.title(), "milliseconds", lambda s: judged(s.observation)),
        "state": Measure("State", "text", lambda s: state(s.observation)),
        "p90": Measure("p90", "milliseconds", lambda s: percentile(s.observation, "p90")),
        "p99": Measure("p99", "milliseconds", lambda s: percentile(s.observation, "p99")),
        "first": Measure("First Call", "milliseconds", lambda s: first_call(s.observation)),
        "threads": Measure("Threads", "text", _latency_text(_threads)),
        "calls": Measure("Samples", "count", _summary(lambda s: s.samples)),
        "p50": Measure(
            "p50",
            "milliseconds",
            _of_latency(lambda _, __, s: Quantity(s.p50_s, s.interval.low, s.interval.high)),
        ),
        "width": Measure(
            "Half-Width",
            "percent",
            _summary(
                lambda s: s.interval.relative_half_width if s.p50_s > 0 else None, "shorter than the clock can measure"
            ),
        ),
        "ended": Measure("Ended By", "text", _latency_text(lambda each: each.ended)),
        "min": Measure("Min", "milliseconds", _summary(lambda s: s.min_s)),
        "iqr": Measure(
            "IQR", "milliseconds", _of_latency(lambda _, __, s: Quantity(s.p75_s - s.p25_s, s.p25_s, s.p75_s))
        ),
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
        "causes": Measure("Possible Causes", "text", _of_latency(_possible_causes)),
        "compute_only": Measure(
            "Compute Only",
            "milliseconds",
            _summary(lambda s: s.compute_only_s, "its runtime does not separate the copies"),
        ),
        "clock": Measure("Inside the Clock", "text", _latency_text(lambda each: each.calls.clock)),
        "compute_clock": Measure(
            "Inside the Compute-Only Clock",
            "text",
            _of_latency(
                lambda _, each, __: NotApplicable() if each.compute_only is None else Text(each.compute_only.clock)
            ),
        ),
        "load": Measure("Load", "milliseconds", _latency(lambda each: each.load_s)),
        "loads": Measure("Loads", "count", _latency(lambda each: each.loads)),
        "warmup": Measure("Warm-Up Calls", "count", _latency(lambda each: each.warmup.calls)),
        "warm": Measure("Warm-Up Ended", "text", _latency_text(lambda each: _WARM[each.warmup.steady])),
        "cores": Measure(
            "Pinned to Cores",
            "text",
            _latency_text(lambda each: "unpinned" if each.cores is None else ", ".join(map(str, each.cores))),
        ),
        "memory": Measure(
            "Peak Memory", "bytes", _resource("memory", lambda m: None if m.memory is None else m.memory.bytes)
        ),
        "energy": Measure(
            "Energy per Call",
            "millijoules",
            _resource("energy", lambda m: None if m.energy is None else sum(m.energy.joules.values()) / m.energy.calls),
        ),
        "instructions": Measure("Instructions per Call", "count", _count("instructions")),
        "cycles": Measure("Cycles per Call", "count", _count("cycles")),
        "misses": Measure("Cache Misses per Call", "count", _count("cache-misses")),
        "work": Measure("Work per Call", "operations", _work(lambda w: Quantity(w.operations))),
        "bytes": Measure("Bytes per Call", "bytes", _work(lambda w: Quantity(w.bytes))),
        "arithmetic": Measure("Arithmetic", "text", _work(lambda w: Text(w.arithmetic))),
        "intensity": Measure("Operations per Byte", "ratio", _roof(lambda r: Quantity(r.intensity))),
        "attained": Measure("Attained", "operation_rate", _roof(lambda r: Quantity(r.attained_per_s))),
        "share": Measure("Share of the Roof", "percent", _roof(lambda r: Quantity(r.share))),
        "bound": Measure("Bound By", "text", _roof(lambda r: Text(r.bound) if isinstance(r.bound, str) else r.bound)),
        "overhead": Measure(
            "Overhead",
            "percent",
            _roof(
                lambda r: NotMeasured("one batch size only") if r.overhead_share is None else Quantity(r.overhead_share)
            ),
        ),
    }
)
