"""Where the time of a model's call goes, and where a quantized model's error comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab4.domain.fields import Count, Flag, Number, Real, Seconds, Words


@dataclass(frozen=True, slots=True)
class OperatorTime:
    """One operator of the model as the runtime runs it.

    ``where`` is the provider or delegate in which it ran. ``per_call`` is how often it ran in each call on average,
    ``seconds`` the median over calls of its time in a call, ``share`` its part of the time of all calls. ``dtype`` is
    that of its first input, such as ``float32``, or of another that has integers of 8 or 16 bits, such as quantized
    weights; empty where it is not known.
    """

    name: Words
    type: Words
    where: Words
    per_call: Number
    seconds: Seconds
    share: Number
    dtype: Words = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """The operators of a model, by share.

    ``call_s`` is the median time of a profiled call, ``plain_call_s`` that of one without the profiler, in seconds.
    ``outside`` is the share of the calls' time in no operator: 1 less all operators' shares. ``resolution_s`` is the
    smallest step of the profiler's clock, which rounds each operator's time down. ``is_named`` says whether operators
    have the names of the file's nodes, but for those that were fused. ``remark`` is what a reader should know of what
    was profiled.
    """

    runtime: Words
    version: Words
    calls: Count
    threads: Count
    call_s: Seconds
    plain_call_s: Seconds
    outside: Real
    resolution_s: Seconds
    is_named: Flag
    operators: tuple[OperatorTime, ...]
    remark: Words = ""

    @property
    def is_rough(self) -> bool:
        """Whether rounding takes more than a tenth of a call's time from the operators."""
        return len(self.operators) * self.resolution_s > self.call_s / 10


@dataclass(frozen=True, slots=True)
class LayerError:
    """A layer's output in the quantized model against the float model's, over all calls.

    ``snr_db`` is the signal-to-noise ratio: the float values' power by that of the differences, in dB. ``added`` is
    what the layer adds to the noise's share of the power of both, which is from 0 to 1: its own share, less the
    largest of those of its inputs.
    """

    name: str
    type: str
    snr_db: float
    cosine: float
    added: float


@dataclass(frozen=True, slots=True)
class LeftInFloat:
    """The float model quantized again, with ``layers`` left in float: its outputs against the float model's.

    ``snr_db`` is the lowest of its outputs', ``cosine`` too; ``agreeing`` of ``examined`` rows of class scores predict
    the same class, both 0 where no output has class scores. ``value`` is that of the ``metric``, in its own unit, where
    labels are known.
    """

    layers: tuple[str, ...]
    bytes: int
    snr_db: float
    cosine: float
    agreeing: int
    examined: int
    metric: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaving the worst layers in float gives, of more and more of them, and the float model itself.

    ``reason`` is why there is no more, where something kept from it.
    """

    original: LeftInFloat | None
    quantized: tuple[LeftInFloat, ...] = ()
    reason: str = ""


def by_type(operators: Sequence[OperatorTime]) -> tuple[OperatorTime, ...]:
    """The operators of one type, place and dtype together, named by how many there are."""
    found: dict[tuple[str, str, str], list[OperatorTime]] = {}
    for each in operators:
        found.setdefault((each.type, each.where, each.dtype), []).append(each)
    merged = [
        OperatorTime(
            str(len(group)),
            kind,
            where,
            sum(each.per_call for each in group),
            sum(each.seconds for each in group),
            sum(each.share for each in group),
            dtype,
        )
        for (kind, where, dtype), group in found.items()
    ]
    return tuple(sorted(merged, key=lambda each: -each.share))
