"""Why an artifact of lower precision is not faster than float32: what the record says, and what it does not say.

Evidence is recorded, never assumed: operators by the runtimes' own profilers, the processor's flags, call times at
several batch sizes, and the arithmetic that the format declares.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lab4.analysis.observations import Observation, Observations
from lab4.analysis.roofline import overhead_s, times_by_batch
from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.cell import EXAMINE
from lab4.domain.profiled import OperatorTime, Profile
from lab4.domain.text import listed

#: A share of the operators' time, or of the call's, from which on it is a reason.
_NOTABLE = 0.1
#: Of the float32 call: above it nothing that is faster inside can make the call twice as fast.
_OVERHEAD = 0.5
#: Types of operators that make one type of values of another, and what begins the names of XNNPACK's.
_CONVERSIONS = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Cast", "QUANTIZE", "DEQUANTIZE", "CAST"}
_CONVERT = "Convert ("
_REAL = {"float32", "float16"}
_NAMED = 3
#: The host of runtimes whose profilers are read.
_PROFILED_HOST = "python"


@dataclass(frozen=True, slots=True)
class Reasons:
    """What slows a call, each a phrase with its evidence; and what the record lacks, with what would record it."""

    found: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of them as people read them."""
        said = "; ".join(self.found) or "nothing in the record explains it"
        return f"{said}. Not recorded: {'; '.join(self.missing)}" if self.missing else said


def reasons(observations: Observations, lower: Observation, full: Observation, *, is_slower: bool) -> Reasons:
    """Why calls of ``lower`` are not faster than those of ``full``, its float32 counterpart of the same run.

    Where it is not clear that they are slower, that may be because the latencies are not known well enough.
    """
    arithmetic = observations.catalogue.format(lower.cell.format).arithmetic
    found, missing = list(_of_arithmetic(arithmetic)), list[str]()
    if not is_slower:
        found += _of_certainty(lower, full)
    profiles = [_profile(observations, each) for each in (lower, full)]
    match profiles:
        case [Profile() as mine, Profile() as theirs]:
            found += _of_operators(mine, theirs, arithmetic)
        case _:
            missing.append(next(each for each in profiles if isinstance(each, str)))
    if arithmetic != FULL_PRECISION:
        flags, lacking = _of_processor(lower)
        found += flags
        missing += lacking
    overhead = _overhead(observations, full)
    found += [overhead] if overhead else []
    if overhead is None:
        missing.append("the call overhead, for which two batch sizes are timed (--lab4-batch-sizes)")
    return Reasons(tuple(found), tuple(missing))


def _of_certainty(lower: Observation, full: Observation) -> Iterator[str]:
    """Which of the two was not measured to its target."""
    names = [name for name, each in (("its latency", lower), ("float32's latency", full)) if not is_precise(each)]
    if names:
        are = "is" if len(names) == 1 else "are"
        yield f"{' and '.join(names)} {are} not known as well as the profile wants: measure again"


def is_precise(timed: Observation) -> bool:
    """Whether a latency was measured to its target."""
    return timed.uncertainty is not None and timed.uncertainty.is_reached


def _of_arithmetic(arithmetic: str | None) -> Iterator[str]:
    if arithmetic == FULL_PRECISION:
        yield "it computes in float32: only the weights in the file are smaller"


def _profile(observations: Observations, timed: Observation) -> Profile | str:
    """The profile of the artifact that was timed, of the same run, or why there is none."""
    if observations.catalogue.device(timed.cell.device).is_host is False:
        return "time by operator, which is profiled on the CPU only"
    runtime = observations.catalogue.runtime(observations.catalogue.runtime_of(timed.cell))
    if runtime.host not in {None, _PROFILED_HOST}:
        return f"time by operator, as no profiler of {runtime.label} is read"
    examined = (each.measured for each in observations.of_artifact(timed, EXAMINE))
    measured = next((each for each in examined if each is not None), None)
    if measured is not None and measured.operators is not None:
        return measured.operators
    why = "" if measured is None else measured.missing.get("operators", "")
    return f"time by operator{f' ({why})' if why else ', which --lab4-profile-operators records'}"


def _of_operators(mine: Profile, theirs: Profile, arithmetic: str | None) -> Iterator[str]:
    """What the operators say, where they are long enough for the profiler's clock."""
    total, whole = (sum(each.seconds for each in profile.operators) for profile in (mine, theirs))
    if not total or not whole:
        yield f"its operators are too short for the profiler's clock (steps of {_ms(mine.resolution_s)})"
        return
    conversions = [each for each in mine.operators if _is_conversion(each)]
    others = [each for each in mine.operators if not _is_conversion(each)]
    usual = max(theirs.operators, key=lambda each: _seconds(theirs.operators, each.where)).where
    away = [each for each in others if each.where != usual]
    if _share(away, total) >= _NOTABLE:
        yield (
            f"{usual}, which runs float32, does not run {_types(away)}: {_where(away)} does, "
            f"{_share(away, total):.0%} of the operators' time"
        )
    real = [each for each in others if each.dtype in _REAL]
    if arithmetic != FULL_PRECISION and _share(real, total) >= _NOTABLE:
        yield f"{_types(real)} run in floating point, {_share(real, total):.0%} of the operators' time"
    if _share(conversions, total) >= _NOTABLE:
        yield (
            f"{len(conversions)} conversions between types ({_types(conversions)}) are "
            f"{_share(conversions, total):.0%} of the operators' time"
        )
    rough = f", rounded down to {_ms(mine.resolution_s)} each" if mine.is_rough or theirs.is_rough else ""
    yield (
        f"its operators take {_ms(total)} ({_longest(mine)}), those in float32 {_ms(whole)} ({_longest(theirs)}){rough}"
    )


def _is_conversion(each: OperatorTime) -> bool:
    return each.type in _CONVERSIONS or each.type.startswith(_CONVERT)


def _seconds(operators: Sequence[OperatorTime], where: str) -> float:
    return sum(each.seconds for each in operators if each.where == where)


def _share(operators: Sequence[OperatorTime], total: float) -> float:
    return sum(each.seconds for each in operators) / total


def _by_time(operators: Sequence[OperatorTime]) -> dict[str, float]:
    """Seconds by type of operator, with its dtype where that is known; the longest first."""
    found: dict[str, float] = {}
    for each in operators:
        # A delegate's names have the types in brackets already.
        name = f"{each.type} ({each.dtype})" if each.dtype and "(" not in each.type else each.type
        found[name] = found.get(name, 0.0) + each.seconds
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _types(operators: Sequence[OperatorTime]) -> str:
    return listed(list(_by_time(operators)), _NAMED)


def _where(operators: Sequence[OperatorTime]) -> str:
    return " and ".join(dict.fromkeys(each.where for each in operators))


def _longest(profile: Profile) -> str:
    name, seconds = next(iter(_by_time(profile.operators).items()))
    return f"{name} {_ms(seconds)}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms"


def _of_processor(timed: Observation) -> tuple[Collection[str], Collection[str]]:
    """What the processor lacks, and what its record lacks."""
    machine = timed.source.run.machine
    if machine.has_int8_products is None:
        return (), ("the processor's flags",)
    if machine.has_int8_products:
        return (), ()
    lacks = "the processor has no instruction for sums of int8 products, such as VNNI"
    return (f"{lacks} (int8 instructions: {machine.int8_support})",), ()


def _overhead(observations: Observations, full: Observation) -> str | None:
    """What of the float32 call does not depend on the batch size, if that is most; ``None`` where it is not known."""
    seconds = overhead_s(times_by_batch(observations, full))
    if seconds is None or full.latency is None or full.latency.p50_s <= 0:
        return None
    if seconds <= _OVERHEAD * full.latency.p50_s:
        return ""
    share = min(1.0, seconds / full.latency.p50_s)
    return f"{share:.0%} of the float32 call does not depend on the batch size (call overhead and reading of weights)"
