"""Rounds of a measurement session to plain dicts, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lab4.domain.errors import RecordError
from lab4.domain.observed import Agreement, Disturbance, WarmUp
from lab4.domain.rounds import Burst, Round, TimingWindow, WarmRunner
from lab4.history.checked import checked
from lab4.history.journal_schema import BurstRecord, PackedFloats, RoundRecord, RunnerRecord, WindowRecord
from lab4.history.sample_limit import SampleLimit
from lab4.history.samples import pack_floats, unpack_floats

__all__ = ["round_of", "round_to_plain"]


def round_to_plain(found: Round) -> dict[str, Any]:
    """Return what a journal keeps of a round; raises `RecordError` for values that no record may hold."""
    plain = {
        "number": found.number,
        "elapsed_s": found.elapsed_s,
        "windows": {key: _window(window) for key, window in found.windows.items()},
        "runners": {key: asdict(runner) for key, runner in found.runners.items()},
    }
    return checked(RoundRecord, plain).model_dump(mode="json")


def round_of(record: RoundRecord, limit: SampleLimit) -> Round:
    """Return the round in a checked record; raises `RecordError` if its samples are damaged or exceed the limit."""
    for window in record.windows.values():
        for packed in (window.samples, window.alone):
            limit.take(packed.count, len(packed.data))
    return Round(
        record.number,
        record.elapsed_s,
        {key: _window_of(each) for key, each in record.windows.items()},
        {key: _runner_of(each) for key, each in record.runners.items()},
    )


def _window(window: TimingWindow) -> dict[str, Any]:
    return {
        "samples": _packed(window.samples_s),
        "alone": _packed(window.alone_s),
        "reference_s": window.reference_s,
        "bursts": [_burst(each) for each in window.bursts],
        "uncontended": _ratios(window.uncontended),
        "disturbance": asdict(window.disturbance),
        "fresh": window.fresh,
        "alone_bursts": [_burst(each) for each in window.alone_bursts],
    }


def _packed(samples_s: Sequence[float]) -> dict[str, Any]:
    return {"count": len(samples_s), "data": pack_floats(samples_s)}


def _burst(burst: Burst) -> dict[str, Any]:
    before, after = burst.probes
    return {"samples": burst.samples, "before": _ratios(before), "after": _ratios(after)}


def _ratios(ratios: Mapping[int, float]) -> dict[str, float]:
    return {str(core): ratio for core, ratio in ratios.items()}


def _window_of(record: WindowRecord) -> TimingWindow:
    return TimingWindow(
        samples_s=_samples_of(record.samples, record.bursts),
        alone_s=_samples_of(record.alone, record.alone_bursts),
        reference_s=record.reference_s,
        bursts=tuple(_burst_of(each) for each in record.bursts),
        uncontended=_ratios_of(record.uncontended),
        disturbance=Disturbance(**record.disturbance.model_dump()),
        fresh=record.fresh,
        alone_bursts=tuple(_burst_of(each) for each in record.alone_bursts),
    )


def _samples_of(packed: PackedFloats, bursts: Sequence[BurstRecord]) -> tuple[float, ...]:
    if sum(each.samples for each in bursts) != packed.count:
        raise RecordError(f"bursts of {sum(each.samples for each in bursts)} samples hold {packed.count}")
    samples_s = unpack_floats(packed.data, packed.count)
    if any(each < 0 for each in samples_s):
        raise RecordError("samples are damaged (one is negative)")
    return samples_s


def _burst_of(record: BurstRecord) -> Burst:
    return Burst(record.samples, (_ratios_of(record.before), _ratios_of(record.after)))


def _ratios_of(plain: Mapping[str, float]) -> dict[int, float]:
    return {int(core): ratio for core, ratio in plain.items()}


def _runner_of(record: RunnerRecord) -> WarmRunner:
    rest = record.model_dump(exclude={"warmup", "agreement"})
    return WarmRunner(
        warmup=WarmUp(**record.warmup.model_dump()), agreement=Agreement(**record.agreement.model_dump()), **rest
    )
