"""From a reading to a value of a table: a figure, or the plain reason why there is none."""

from collections.abc import Callable

from lab4.analysis.distribution import Averaged, TooFewCalls, throughput
from lab4.analysis.observations import Observation
from lab4.analysis.proportions import wilson
from lab4.analysis.stability import stability
from lab4.analysis.tables import NotMeasured, Quantity, Text, Value
from lab4.domain.observed import Accuracy
from lab4.domain.outcome import Failed, Measured, Unavailable
from lab4.sampling.quantiles import quantile

__all__ = [
    "NOT_IN_RUN",
    "accuracy",
    "agreement",
    "disk_size",
    "first_call",
    "gzip_size",
    "judged",
    "loading",
    "observed",
    "percentile",
    "rate",
    "sparsity",
    "state",
    "typical",
    "verdicts",
]

#: Why a blank is empty that no run planned.
NOT_IN_RUN = "not in this run"
_NOT_OBSERVED = "this cell does not measure it"
_TOO_FEW = "too few calls"
_AVERAGED = "calls too short to be timed singly"
_NO_TIME = "shorter than the clock can tell"


def observed(reading: Observation | None, figure: Callable[[Measured], Value | None]) -> Value:
    """Return ``figure`` of what was measured, or the reason why nothing was."""
    if reading is None:
        return NotMeasured(NOT_IN_RUN)
    match reading.outcome:
        case Measured() as measured:
            return figure(measured) or NotMeasured(_NOT_OBSERVED)
        case Unavailable(reason):
            return NotMeasured(reason)
        case Failed() as failed:  # pragma: no branch  # the union ends here
            return failed


def accuracy(reading: Observation | None) -> Value:
    """Fraction of the validation images predicted rightly, with its 95% Wilson interval."""
    return observed(reading, lambda m: _share(m.accuracy))


def disk_size(reading: Observation | None) -> Value:
    """Bytes of the artifact on disk, as weighed: never derived from sparsity."""
    return observed(reading, lambda m: None if m.size is None else Quantity(m.size.disk_bytes))


def gzip_size(reading: Observation | None) -> Value:
    """Bytes of the artifact compressed with gzip at its default level, 6."""
    return observed(reading, lambda m: None if m.size is None else Quantity(m.size.gzip_bytes))


def sparsity(reading: Observation | None) -> Value:
    """Fraction of zeros among the kernels, counted in the exported artifact."""
    return observed(
        reading,
        lambda m: None if m.sparsity is None or not m.sparsity.total else Quantity(m.sparsity.zeros / m.sparsity.total),
    )


def agreement(reading: Observation | None) -> Value:
    """Fraction of images for which the artifact and its Keras model predict the same class."""
    return observed(
        reading,
        lambda m: (
            None if m.agreement is None or not m.agreement.total else Quantity(m.agreement.agreeing / m.agreement.total)
        ),
    )


def loading(reading: Observation | None) -> Value:
    """Seconds from file to first result: the median, from fastest to slowest load."""

    def figure(measured: Measured) -> Value | None:
        if measured.loading is None or not measured.loading.samples_s:
            return None
        ordered = sorted(measured.loading.samples_s)
        return Quantity(quantile(ordered, 0.5), ordered[0], ordered[-1])

    return observed(reading, figure)


def typical(reading: Observation | None) -> Value:
    """Median seconds per call, from p25 to p75."""

    def figure(_: Measured) -> Value | None:
        found = reading.latency if reading else None
        return None if found is None else Quantity(found.p50_s, found.p25_s, found.p75_s)

    return observed(reading, figure)


def state(reading: Observation | None) -> Value:
    """Whether the latency was measured to its target."""

    def told(measured: Measured) -> Value | None:
        found = reading.latency if reading else None
        if found is None or measured.latency is None:
            return None
        return Text(stability(measured.latency, found.interval).state)

    return observed(reading, told)


def judged(reading: Observation | None) -> Value:
    """Seconds per call by the statistic that judges."""
    return observed(
        reading, lambda _: None if not reading or reading.latency is None else Quantity(reading.latency.judging_s)
    )


def percentile(reading: Observation | None, name: str) -> Value:
    """p90 or p99 in seconds per call, where there were calls enough to state it."""

    def figure(_: Measured) -> Value | None:
        if reading is None or reading.latency is None:
            return None
        found = reading.latency.p99_s if name == "p99" else reading.latency.p90_s
        if isinstance(found, TooFewCalls):
            return NotMeasured(_TOO_FEW)
        if isinstance(found, Averaged):
            return NotMeasured(_AVERAGED)
        return Quantity(found)

    return observed(reading, figure)


def first_call(reading: Observation | None) -> Value:
    """Seconds of the first call after loading."""
    return observed(reading, lambda m: None if m.latency is None else Quantity(m.latency.first_call_s))


def rate(reading: Observation | None) -> Value:
    """Images per second at the median latency; the ends at p75 and p25."""

    def figure(_: Measured) -> Value | None:
        if reading is None or reading.latency is None or reading.cell.batch_size is None:
            return None
        found, batch = reading.latency, reading.cell.batch_size
        if found.p25_s <= 0:
            return NotMeasured(_NO_TIME)
        return Quantity(throughput(batch, found.p50_s), throughput(batch, found.p75_s), throughput(batch, found.p25_s))

    return observed(reading, figure)


def verdicts(reading: Observation | None) -> Accuracy | None:
    """What was observed of each validation image, where anything was."""
    if reading is None or not isinstance(reading.outcome, Measured):
        return None
    found = reading.outcome.accuracy
    return found if found is not None and found.correct else None


def _share(found: Accuracy | None) -> Value | None:
    return None if found is None or not found.correct else wilson(sum(found.correct), len(found.correct))
