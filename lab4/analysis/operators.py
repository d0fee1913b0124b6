"""Where the time of a call goes, by operator, of the artifacts that were profiled."""

from collections.abc import Iterator

from lab4.analysis.charts.operators import operator_chart
from lab4.analysis.document import Block, Section
from lab4.analysis.measures import MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.subject import Subject
from lab4.analysis.tables import Column, Quantity, Row, Table, Text, Unmeasured
from lab4.domain.cell import EXAMINE
from lab4.domain.profiled import OperatorTime, Profile, by_type

#: Operators of a table at most.
_MOST = 20
_TIMES = (
    Column("per_call", "Per Call", "ratio"),
    Column("seconds", "Time per Call", "milliseconds"),
    Column("share", "Share", "fraction"),
)
_DTYPE = Column("dtype", "Input", "text")
_TYPES = (
    Column("type", "Type", "text"),
    _DTYPE,
    Column("where", "In", "text"),
    Column("count", "Count", "count"),
    *_TIMES,
)
_OPERATORS = (
    Column("operator", "Operator", "text"),
    Column("type", "Type", "text"),
    _DTYPE,
    Column("where", "In", "text"),
    *_TIMES,
)
_NOTE = (
    "Times are of the runtime's own profiler, on one thread of the CPU, in calls that no latency is of. In is the "
    "provider or delegate in which an operator ran; Input is the dtype of its first input, or of one of 8 or 16 bits. "
    "What a delegate fuses has a name of its own."
)


def operator_section(found: Observations) -> Section | None:
    """Tables and a chart for each artifact that was profiled; ``None`` where that was not asked for."""
    examined = [(each, each.measured) for each in found.where(EXAMINE)]
    blocks = [
        block
        for each, measured in examined
        if measured is not None and measured.operators is not None
        for block in operator_blocks(each.cell.id, _name(found, each), measured.operators)
    ]
    missing: dict[str, list[str]] = {}
    for each, measured in examined:
        if measured is not None and "operators" in measured.missing:
            missing.setdefault(measured.missing["operators"], []).append(_name(found, each))
    if missing:
        reasons = tuple(Unmeasured(why, tuple(names)) for why, names in missing.items())
        blocks.append(Table("operators", "Not profiled", _TYPES, (), unmeasured=reasons, printed=False))
    return Section("Where the time goes", tuple(blocks)) if blocks else None


def operator_blocks(key: str, name: str, profile: Profile) -> Iterator[Block]:
    """Tables and a chart of the operators of the artifact ``name``; ``key`` begins the keys of the tables."""
    notes = (_calls(profile), *([f"{profile.remark}."] if profile.remark else []), _NOTE)
    types = tuple(
        Row(
            f"{key}/{of.type}/{of.where}/{of.dtype}",
            of.type,
            (*_texts(of.type, of.dtype or "not known", of.where), Quantity(int(of.name)), *_times(of)),
        )
        for of in by_type(profile.operators)
    )
    yield Table(f"operator_types_{key}", f"Time by type of operator: {name}", _TYPES, types, notes, printed=False)
    longest = tuple(
        Row(f"{key}/{of.name}", of.name, (*_texts(of.name, of.type, of.dtype or "not known", of.where), *_times(of)))
        for of in profile.operators[:_MOST]
    )
    yield Table(f"operators_{key}", f"Operators that take longest: {name}", _OPERATORS, longest, notes, printed=False)
    yield operator_chart(name, profile)


def _texts(*texts: str) -> tuple[Text, ...]:
    return tuple(map(Text, texts))


def _times(operator: OperatorTime) -> tuple[Quantity, ...]:
    return Quantity(operator.per_call), Quantity(operator.seconds), Quantity(operator.share)


def _calls(profile: Profile) -> str:
    profiled, plain = (f"{seconds * 1e3:.3g} ms" for seconds in (profile.call_s, profile.plain_call_s))
    text = (
        f"{profile.runtime} {profile.version}, {profile.calls} calls: {profiled} per call under the profiler (median), "
        f"{plain} without it. Operators are {1 - profile.outside:.1%} of that time."
    )
    if not profile.is_rough:
        return text
    step = f"{profile.resolution_s * 1e6:g} us"
    return f"{text} Each time is rounded down to {step}: the shares of operators as short as these are rough."


def _name(found: Observations, each: Observation) -> str:
    text = MEASURES["cell"].value(Subject(found, each.cell))
    return text.text if isinstance(text, Text) else each.cell.id
