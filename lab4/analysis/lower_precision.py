"""Lower precision against float32: what int8 and float16 gain and lose in each runtime, and why they gain no speed.

An artifact is compared with the float32 artifact of the same variant and container, in the same runtime and run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lab4.analysis.charts.marks import comparing, fact_of_test, place_of
from lab4.analysis.distribution import COMPARISON_LATENCY
from lab4.analysis.document import Axis, Block, Chart, Fact, Layer, Mark, Section
from lab4.analysis.intervals import estimate, paired_loss, ratio_or_difference
from lab4.analysis.measures import MEASURES
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.own_models import with_values
from lab4.analysis.subject import Subject
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.analysis.why_not_faster import reasons
from lab4.domain.catalogue import FULL_PRECISION, Catalogue, MissingTraitError
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.outcome import Failed, Measured

_ARTIFACT = Column("artifact", "Artifact", "text")
_BATCH = Column("batch", "Batch Size", "text")
_FASTER = Column("faster", "Times as Fast", "ratio")
_SPEED = (
    _ARTIFACT,
    _BATCH,
    Column("full", "In Float32", "milliseconds"),
    Column("time", "Latency", "milliseconds"),
    _FASTER,
    Column("verdict", "Against Float32", "text"),
    Column("uncertainty", "Uncertainty", "text"),
    Column("least", "Times as Fast, Comparison Latency", "ratio"),
)
_COST = (
    _ARTIFACT,
    Column("loss", "Accuracy Loss", "points"),
    Column("size", "Size on Disk", "bytes"),
    Column("size_share", "Size Relative to Float32", "fraction"),
    Column("gzip", "Size Gzipped", "bytes"),
    Column("gzip_share", "Gzipped Relative to Float32", "fraction"),
    Column("memory", "Peak Memory", "bytes"),
    Column("memory_share", "Memory Relative to Float32", "fraction"),
)
_WHY = (_ARTIFACT, Column("batch", "Batch Sizes", "text"), Column("why", "Why", "text"))
_SPEED_NOTE = (
    "Each artifact is compared with the float32 artifact of the same model and container, in the same runtime and run. "
    "Times as fast is the ratio of the medians with the interval that the 95% intervals of both allow. It is faster or "
    "slower where that interval leaves out 1, and as fast where the ratio is 1.00 all the same. It does not include "
    "run-to-run noise. Uncertainty is that of the less certain of the two. "
    f"The last column is the ratio of the {COMPARISON_LATENCY}, on which co-runners have the least effect."
)
_COST_NOTE = (
    "Accuracy loss is against the float32 artifact in the same runtime, on the same examples, with its paired 95% "
    "interval. Peak memory is what loading and calling hold beyond a process that has only imported the runtime, at "
    "the smallest batch size."
)
_WHY_NOTE = (
    "Reasons are what the record shows. Operators are profiled at batch 1, on one thread of the CPU, in calls that no "
    "latency is of."
)
_CHART_NOTE = (
    "Times as fast as float32 in the same runtime, with the interval that the 95% intervals of both medians allow. "
    "Right of 1 is faster."
)
_NO_FULL = "no float32 artifact of its container was measured in the same runtime and run"
_NO_RATIO = NotMeasured("shorter than the clock can measure")


#: Ratios from the first to below the second are 1.00 in three digits.
_READS_AS_ONE = 0.9995, 1.005


@dataclass(frozen=True, slots=True)
class Pair:
    """An artifact of lower precision, and its float32 counterpart where that was measured."""

    lower: Observation
    full: Observation | None


def lower_precision_section(found: Observations) -> Section | None:
    """Tables and charts of all artifacts of lower precision; ``None`` where none has a float32 counterpart."""
    timed, examined = (list(pairs_of(found, each)) for each in (found.where(LATENCY), found.artifacts()))
    blocks: list[Block] = []
    if any(pair.full for pair in timed):
        blocks.append(_table("precision_speed", "Speed", _SPEED, _SPEED_NOTE, [_speed(found, each) for each in timed]))
        why = _why(found, timed)
        blocks += [_table("precision_why", "Why lower precision is not faster", _WHY, _WHY_NOTE, why)] if why else []
        blocks += _charts(found, timed)
    if any(pair.full for pair in examined):
        rows = [_cost(found, each) for each in examined]
        cost = _table("precision_cost", "Accuracy, size and memory", _COST, _COST_NOTE, rows)
        blocks.append(replace(with_values(cost), printed=False))
    return Section("Lower precision against float32", tuple(blocks)) if blocks else None


def _table(key: str, title: str, columns: tuple[Column, ...], note: str, rows: Sequence[Row]) -> Table:
    return Table(key, title, columns, tuple(rows), (note,))


def pairs_of(found: Observations, observed: Sequence[Observation]) -> Iterator[Pair]:
    """Each measured artifact whose format declares a lower precision, with its counterpart."""
    for each in observed:
        precision = found.catalogue.format(each.cell.format).precision
        if each.measured is not None and precision not in {None, FULL_PRECISION}:
            yield Pair(each, _counterpart(found, each))


def _counterpart(found: Observations, lower: Observation) -> Observation | None:
    """What differs from it in nothing but that its format is the container's at full precision."""
    asked = _asked(found, lower)
    return None if asked is None or asked.measured is None else asked


def _asked(found: Observations, lower: Observation) -> Observation | None:
    """Its counterpart, measured or not; ``None`` where the run did not ask for it."""
    cell = lower.cell
    same = found.where(cell.kind, variant=cell.variant, device=cell.device, threads=cell.threads)
    alike = [each for each in same if (each.cell.batch_size, each.cell.settings) == (cell.batch_size, cell.settings)]
    return min(_in_float32(found, lower, alike), key=lambda each: each.measured is None, default=None)


def _in_float32(found: Observations, lower: Observation, among: Sequence[Observation]) -> Iterator[Observation]:
    """Those of the container's format at full precision, in the same runtime and run."""
    catalogue = found.catalogue
    container, runtime = catalogue.format(lower.cell.format).container, _runtime(catalogue, lower.cell)
    for each in among:
        traits = catalogue.format(each.cell.format)
        is_full = (traits.container, traits.precision) == (container, FULL_PRECISION)
        if is_full and each.source is lower.source and _runtime(catalogue, each.cell) == runtime:
            yield each


def _without(found: Observations, lower: Observation, figures: str) -> NotMeasured:
    """Which figures are missing of which float32 artifact, and why."""
    cell, asked = lower.cell, _asked(found, lower)
    others = found.where(variant=cell.variant, device=cell.device)
    known = asked or next(_in_float32(found, lower, others), None)
    if known is None:
        return NotMeasured(_NO_FULL)
    why = f": {asked.outcome.reason}" if asked is not None and not isinstance(asked.outcome, Measured) else ""
    done = "examined" if cell.batch_size is None else f"timed at batch {_batch(cell)}"
    return NotMeasured(f"{_name(found, known.cell)} was not {done} in this run, so {figures} not known{why}")


def _runtime(catalogue: Catalogue, cell: Cell) -> str:
    """The runtime of a cell; of one whose format declares none, the cell's own word, which may be empty."""
    try:
        return catalogue.runtime_of(cell)
    except MissingTraitError:
        return cell.runtime


def times_as_fast(pair: Pair) -> Quantity | None:
    """How many times as fast it is as float32, with its interval; ``None`` where one has no latency above zero."""
    sides = [None if each is None or each.latency is None else each.latency for each in (pair.lower, pair.full)]
    found = [
        None if each is None else estimate([each.p50_s], (each.interval.low, each.interval.high), has_ratio=True)
        for each in sides
    ]
    lower, full = found
    return None if lower is None or full is None else ratio_or_difference(lower, full, higher_is_better=False)


def verdict(ratio: Quantity) -> str:
    """Whether a ratio of speeds is faster or slower beyond its interval; as fast, if people read it as 1.00."""
    low, high = (ratio.value if end is None else end for end in (ratio.low, ratio.high))
    if low <= 1 <= high:
        return "no clear difference"
    least, most = _READS_AS_ONE
    return "as fast" if least <= ratio.value < most else "faster" if low > 1 else "slower"


def _speed(found: Observations, pair: Pair) -> Row:
    ratio = times_as_fast(pair)
    if pair.full is None:
        missing = _without(found, pair.lower, "its latency is")
        return _row(found, pair, (missing, _p50(pair.lower), *(missing,) * 4))
    compared: tuple[Value, ...] = (_NO_RATIO,) * 4
    if ratio is not None:
        compared = ratio, Text(verdict(ratio)), Text(_uncertainty(pair)), _of_comparison(pair)
    return _row(found, pair, (_p50(pair.full), _p50(pair.lower), *compared))


def _uncertainty(pair: Pair) -> str:
    """The uncertainty of the less certain of the two."""
    sides = (each for each in (pair.lower, pair.full) if each is not None)
    known = [each.uncertainty for each in sides if each.uncertainty is not None]
    return max(known, key=lambda each: (not each.is_reached, each.half_width)).text if known else "not known"


def _of_comparison(pair: Pair) -> Value:
    """The ratio of the comparison latencies."""
    sides = [
        None if each is None or each.latency is None else each.latency.comparison_s for each in (pair.lower, pair.full)
    ]
    lower, full = sides
    return Quantity(full / lower) if lower and full else _NO_RATIO


def _p50(each: Observation) -> Value:
    if each.latency is None:
        return NotMeasured("no call was timed")
    return Quantity(each.latency.p50_s, each.latency.interval.low, each.latency.interval.high)


def _why(found: Observations, timed: Sequence[Pair]) -> list[Row]:
    """A row for each artifact that is not faster; batch sizes with the same reasons share one."""
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for pair in timed:
        ratio = times_as_fast(pair)
        if ratio is not None and pair.full is not None and verdict(ratio) != "faster":
            said = reasons(found, pair.lower, pair.full, is_slower=verdict(ratio) == "slower")
            key = _name(found, pair.lower.cell), said.text, pair.lower.source.machine
            groups.setdefault(key, []).append(pair.lower.cell)
    return [
        Row(cells[0].key, name, (Text(name), Text("; ".join(map(_batch, cells))), Text(said)), machine, cells[0])
        for (name, said, machine), cells in groups.items()
    ]


def _row(found: Observations, pair: Pair, values: Sequence[Value]) -> Row:
    """A row that begins with the artifact and, for calls, the batch size."""
    cell = pair.lower.cell
    name = _name(found, cell)
    batch = () if cell.batch_size is None else (Text(_batch(cell)),)
    title = name if cell.batch_size is None else f"{name}, batch {_batch(cell)}"
    return Row(cell.key, title, (Text(name), *batch, *values), pair.lower.source.machine, cell)


def _name(found: Observations, cell: Cell) -> str:
    device = found.catalogue.device(cell.device)
    where = "" if device.is_host else f", {device.label}"
    return f"{found.catalogue.variant_label(cell.variant)}, {found.catalogue.format_label(cell)}{where}"


def _batch(cell: Cell) -> str:
    return f"{cell.batch_size}, {cell.threads} threads" if cell.threads > 1 else str(cell.batch_size)


def _cost(found: Observations, pair: Pair) -> Row:
    size, gzip = _both(found, "size", pair, "its size is"), _both(found, "gzip", pair, "its gzipped size is")
    called, not_called = found.least_call(pair.lower), NotMeasured("no call was timed in this run")
    memory: tuple[Value, Value] = not_called, not_called
    if called is not None:
        memory = _both(found, "memory", Pair(called, _counterpart(found, called)), "its peak memory is")
    return _row(found, pair, (_loss(found, pair), *size, *gzip, *memory))


def _both(found: Observations, measure: str, pair: Pair, figures: str) -> tuple[Value, Value]:
    """A figure of the artifact, and as a share of its counterpart's."""
    mine = MEASURES[measure].value(Subject(found, pair.lower.cell))
    if not isinstance(mine, Quantity):
        return mine, mine
    if pair.full is None:
        return mine, _without(found, pair.lower, figures)
    whole = MEASURES[measure].value(Subject(found, pair.full.cell))
    if isinstance(whole, Quantity):
        return mine, Quantity(mine.value / whole.value) if whole.value > 0 else NotMeasured("that of float32 is zero")
    why = f": {whole.reason}" if isinstance(whole, NotMeasured | Failed) else ""
    return mine, NotMeasured(f"of {_name(found, pair.full.cell)} {figures} not known{why}")


def _loss(found: Observations, pair: Pair) -> Value:
    mine = pair.lower.verdicts
    if mine is None:
        return NotApplicable()
    if pair.full is None:
        return _without(found, pair.lower, "its predictions are")
    whole, name = pair.full.verdicts, _name(found, pair.full.cell)
    if whole is None:
        return NotMeasured(f"the predictions of {name} are not in this run")
    if len(whole.correct) != len(mine.correct):
        return NotMeasured(f"{name} was examined on other examples")
    return paired_loss(whole.correct, mine.correct)


def _charts(found: Observations, timed: Sequence[Pair]) -> tuple[Chart, ...]:
    """How many times as fast, a chart for each variant, device and machine, the fastest first."""
    groups: dict[tuple[object, ...], list[Pair]] = {}
    for pair in timed:
        cell = pair.lower.cell
        groups.setdefault((cell.variant, cell.device, pair.lower.source.machine), []).append(pair)
    return comparing(_chart(found, pairs) for pairs in groups.values())


def _chart(found: Observations, pairs: Sequence[Pair]) -> Chart:
    cell, source = pairs[0].lower.cell, pairs[0].lower.source
    marks = [(ratio, pair) for pair in pairs if (ratio := times_as_fast(pair)) is not None]
    ordered = sorted(marks, key=lambda each: -each[0].value)
    where = place_of(found, source, cell.device)
    return Chart(
        f"Lower precision against float32: {found.catalogue.variant_label(cell.variant)}, {where}",
        _CHART_NOTE,
        Axis("Times as fast as float32", "ratio", logarithmic=True, origin=1.0),
        Axis("", "text"),
        (Layer("point", tuple(_mark(found, ratio, pair) for ratio, pair in ordered)),),
        groups="Batch size",
    )


def _mark(found: Observations, ratio: Quantity, pair: Pair) -> Mark:
    cell = pair.lower.cell
    facts = (
        Fact("Against float32", Text(verdict(ratio))),
        Fact("Uncertainty", Text(_uncertainty(pair))),
        fact_of_test(cell),
    )
    return Mark(_name(found, cell), ratio, Text(found.catalogue.format_label(cell)), group=_batch(cell), facts=facts)
