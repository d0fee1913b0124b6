"""From a observation to a value of a table: a figure, or the plain reason why there is none."""

from collections.abc import Callable

from lab4.analysis.distribution import Averaged, TooFewCalls, throughput
from lab4.analysis.observations import Observation
from lab4.analysis.proportions import wilson
from lab4.analysis.stability import stability
from lab4.analysis.tables import NotMeasured, Quantity, Text, Value
from lab4.domain.observed import PerExample, Training
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
    "trained_rate",
    "training_time",
    "typical",
    "verdicts",
]

#: Why a blank is empty that no run planned.
NOT_IN_RUN = "not in this run"
_NOT_OBSERVED = "this cell does not measure it"
_TOO_FEW = "too few calls"
_AVERAGED = "calls too short to be timed singly"
_NO_TIME = "shorter than the clock can measure"


def observed(observation: Observation | None, figure: Callable[[Measured], Value | None]) -> Value:
    """Return ``figure`` of what was measured, or the reason why nothing was."""
    if observation is None:
        return NotMeasured(NOT_IN_RUN)
    match observation.outcome:
        case Measured() as measured:
            return figure(measured) or NotMeasured(_NOT_OBSERVED)
        case Unavailable(reason):
            return NotMeasured(reason)
        case Failed() as failed:  # pragma: no branch  # the union ends here
            return failed


def accuracy(observation: Observation | None) -> Value:
    """Fraction of the validation examples predicted rightly, with its 95% Wilson interval."""
    return observed(observation, lambda m: _share(m.per_example))


def disk_size(observation: Observation | None) -> Value:
    """Bytes of the artifact on disk, as measured: never derived from sparsity."""
    return observed(observation, lambda m: None if m.size is None else Quantity(m.size.disk_bytes))


def gzip_size(observation: Observation | None) -> Value:
    """Bytes of the artifact compressed with gzip at its default level, 6."""
    return observed(observation, lambda m: None if m.size is None else Quantity(m.size.gzip_bytes))


def sparsity(observation: Observation | None) -> Value:
    """Fraction of zeros among the kernels, counted in the exported artifact."""
    return observed(
        observation,
        lambda m: None if m.sparsity is None or not m.sparsity.total else Quantity(m.sparsity.zeros / m.sparsity.total),
    )


def agreement(observation: Observation | None) -> Value:
    """Fraction of examples for which the artifact and its original model predict the same class."""
    return observed(
        observation,
        lambda m: (
            None if m.agreement is None or not m.agreement.total else Quantity(m.agreement.agreeing / m.agreement.total)
        ),
    )


def loading(observation: Observation | None) -> Value:
    """Seconds from file to first result: the median, from fastest to slowest load."""

    def figure(measured: Measured) -> Value | None:
        if measured.loading is None or not measured.loading.samples_s:
            return None
        ordered = sorted(measured.loading.samples_s)
        return Quantity(quantile(ordered, 0.5), ordered[0], ordered[-1])

    return observed(observation, figure)


def typical(observation: Observation | None) -> Value:
    """Median seconds per call, from p25 to p75."""

    def figure(_: Measured) -> Value | None:
        found = observation.latency if observation else None
        return None if found is None else Quantity(found.p50_s, found.p25_s, found.p75_s)

    return observed(observation, figure)


def state(observation: Observation | None) -> Value:
    """Whether the latency was measured to its target."""

    def figure(measured: Measured) -> Value | None:
        found = observation.latency if observation else None
        if found is None or measured.latency is None:
            return None
        return Text(stability(measured.latency, found.interval).state)

    return observed(observation, figure)


def judged(observation: Observation | None) -> Value:
    """Seconds per call by the statistic that judges."""
    return observed(
        observation,
        lambda _: (
            None if not observation or observation.latency is None else Quantity(observation.latency.comparison_s)
        ),
    )


def percentile(observation: Observation | None, name: str) -> Value:
    """p90 or p99 in seconds per call, where there were calls enough to state it."""

    def figure(_: Measured) -> Value | None:
        if observation is None or observation.latency is None:
            return None
        found = observation.latency.p99_s if name == "p99" else observation.latency.p90_s
        if isinstance(found, TooFewCalls):
            return NotMeasured(_TOO_FEW)
        if isinstance(found, Averaged):
            return NotMeasured(_AVERAGED)
        return Quantity(found)

    return observed(observation, figure)


def first_call(observation: Observation | None) -> Value:
    """Seconds of the first call after loading."""
    return observed(observation, lambda m: None if m.latency is None else Quantity(m.latency.first_call_s))


def rate(observation: Observation | None) -> Value:
    """Images per second at the median latency; the ends at p75 and p25."""

    def figure(_: Measured) -> Value | None:
        if observation is None or observation.latency is None or observation.cell.batch_size is None:
            return None
        found, batch = observation.latency, observation.cell.batch_size
        if found.p25_s <= 0:
            return NotMeasured(_NO_TIME)
        return Quantity(throughput(batch, found.p50_s), throughput(batch, found.p75_s), throughput(batch, found.p25_s))

    return observed(observation, figure)


def verdicts(observation: Observation | None) -> PerExample | None:
    """What was observed of each validation image, where anything was."""
    if observation is None or not isinstance(observation.outcome, Measured):
        return None
    found = observation.outcome.per_example
    return found if found is not None and found.correct else None


def _share(found: PerExample | None) -> Value | None:
    return None if found is None or not found.correct else wilson(sum(found.correct), len(found.correct))


def training_time(observation: Observation | None) -> Value:
    """Seconds of all epochs, and of as many of the fastest and of the slowest; one epoch has no spread."""
    return observed(observation, lambda m: _time(m.training))


def trained_rate(observation: Observation | None) -> Value:
    """Training examples per second."""
    return observed(observation, lambda m: _trained_rate(m.training))


def _time(training: Training | None) -> Quantity | None:
    if training is None or not training.epoch_s:
        return None
    epochs = training.epoch_s
    total = sum(epochs)
    if len(epochs) == 1:
        return Quantity(total)
    # Adding in floating point may leave the two ends by one digit: keep the total between them.
    return Quantity(total, min(total, min(epochs) * len(epochs)), max(total, max(epochs) * len(epochs)))


def _trained_rate(training: Training | None) -> Value | None:
    time = _time(training)
    if training is None or time is None:
        return None
    examples = training.samples_per_epoch * len(training.epoch_s)
    if min(training.epoch_s) <= 0:
        return NotMeasured(_NO_TIME)
    if time.low is None or time.high is None:
        return Quantity(examples / time.value)
    return Quantity(examples / time.value, examples / time.high, examples / time.low)
