"""The best number of threads and settings of a runtime for a model, chosen and judged by different rounds of one run.

The fastest of many that are equally fast looks faster than it is, since it was chosen for its luck. So the first half
of the rounds chooses, and the second half, which knows nothing of the choice, says by how much the chosen one is faster
than the default.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from lab4.analysis.distribution import has_probe, uncontended_rounds
from lab4.analysis.document import Block, Code, Prose, Section, Sentence
from lab4.analysis.intervals import Estimate, estimate, ratio_or_difference
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Column, Kind, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.catalogue import Catalogue, MissingTraitError
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import UnknownNameError
from lab4.domain.observed import Latency
from lab4.sampling.interval import median_interval

#: Rounds with uncontended calls that a half needs.
_LEAST_ROUNDS = 6
_TOO_FEW = (
    f"fewer than {_LEAST_ROUNDS} rounds with uncontended calls in each half of the run; measure with --lab4-tune, on "
    "an idle machine"
)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was found for one model in one format, runtime and batch size on one device.

    ``default`` is the cell with one thread and the runtime's default settings, ``tried`` how many others were measured,
    and ``unknown`` how many of them in too few rounds to be chosen. ``chosen`` is the one that the first half of the
    rounds chose. ``gain`` is how many times as fast as the default that is in the second half, with its 95% interval,
    or why that is not known.
    """

    default: Observation
    tried: int
    unknown: int
    chosen: Observation
    gain: Quantity | NotMeasured

    @property
    def is_better(self) -> bool:
        """Whether the interval excludes that the chosen one is as slow as the default."""
        return isinstance(self.gain, Quantity) and self.gain.low is not None and self.gain.low > 1

    @property
    def best(self) -> Observation:
        """The chosen one where it is better, else the default."""
        return self.chosen if self.is_better else self.default


def tunings(found: Observations) -> tuple[Tuning, ...]:
    """What was found for everything that a run measured with its default and with other threads or settings."""
    groups: dict[Cell, list[Observation]] = {}
    for each in found.where(LATENCY):
        if each.latency is not None:
            groups.setdefault(replace(each.cell, threads=1, settings=()), []).append(each)
    return tuple(
        _tuning(default, others)
        for cell, group in groups.items()
        if (default := found.at(cell)) is not None and default.latency is not None
        # Other runs had another machine, or other moments of this one.
        if (others := [each for each in group if each is not default and each.source is default.source])
    )


def _tuning(default: Observation, others: Sequence[Observation]) -> Tuning:
    latencies = {each.cell: _latency(each) for each in (default, *others)}
    in_probes = all(map(has_probe, latencies.values()))
    early, late = (
        {cell: _median(_rounds(latency, half, in_probes=in_probes)) for cell, latency in latencies.items()}
        for half in (0, 1)
    )
    known = [each for each in others if early[each.cell] and late[each.cell]]
    chosen = _chosen(known or others, early)
    gain = _gain(late[chosen.cell], late[default.cell])
    return Tuning(default, len(others), len(others) - len(known), chosen, gain)


def _latency(observation: Observation) -> Latency:
    measured = observation.measured
    assert measured is not None  # noqa: S101  # an observation with a summary was measured
    assert measured.latency is not None  # noqa: S101  # which is a latency's
    return measured.latency


def _rounds(latency: Latency, half: int, *, in_probes: bool) -> list[Sequence[float]]:
    """The uncontended calls of each round of a half, the first one or the second, without rounds that have none.

    There are none where too few rounds have such calls: then nothing is known of the cell. ``in_probes``: as multiples
    of the frequency probe's time in their round, in which the machine's speed is not.
    """
    rounds = uncontended_rounds(latency)
    if rounds is None:
        return []
    if in_probes:
        pairs = zip(rounds, latency.probe_s, strict=True)
        rounds = [[sample / probe_s for sample in each] for each, probe_s in pairs]
    middle = len(rounds) // 2
    return [each for each in (rounds[middle:] if half else rounds[:middle]) if each]


def _median(rounds: Sequence[Sequence[float]]) -> Estimate | None:
    """The median of the calls with its 95% interval; ``None`` for too few rounds."""
    if len(rounds) < _LEAST_ROUNDS:
        return None
    found = median_interval(rounds)
    return estimate([found.value], (found.low, found.high), has_ratio=True)


def _chosen(others: Sequence[Observation], early: Mapping[Cell, Estimate | None]) -> Observation:
    """The simplest of those that the first half of the rounds does not show to be slower than the fastest.

    Without that, a setting that changes nothing would be chosen whenever it is the luckier.
    """
    known = {each.cell: found for each in others if (found := early[each.cell]) is not None}
    if not known:
        return min(others, key=lambda each: each.latency.p50_s if each.latency else 0.0)
    fastest = min(known.values(), key=lambda found: found.mean)

    def is_slower(found: Estimate) -> bool:
        times = ratio_or_difference(fastest, found, higher_is_better=False)
        return found is not fastest and times.low is not None and times.low > 1

    equals = [each for each in others if each.cell in known and not is_slower(known[each.cell])]
    return min(equals, key=lambda each: (len(each.cell.settings), each.cell.threads, known[each.cell].mean))


def _gain(chosen: Estimate | None, default: Estimate | None) -> Quantity | NotMeasured:
    if chosen is None or default is None:
        return NotMeasured(_TOO_FEW)
    return ratio_or_difference(chosen, default, higher_is_better=False)


_COLUMNS = (
    Column("cell", "Model and Format", "text"),
    Column("tried", "Settings Tried", "count"),
    Column("default", "Default", "milliseconds"),
    Column("chosen", "Fastest Setting", "text"),
    Column("time", "Its Inference Time", "milliseconds"),
    Column("gain", "Times as Fast as the Default", "ratio"),
    Column("verdict", "Use", "text"),
)
_NOTES = (
    (
        "The default is one thread and the runtime's own settings. The first half of the rounds chooses the fastest "
        "setting, or a simpler one that they do not show to be slower. The second half says how many times as fast as "
        "the default it is: the ratio of the medians of uncontended calls, in multiples of the frequency probe's time, "
        "with its 95% interval. The setting is better where the interval is above 1."
    ),
    "Settings are compared in this run only: other processes, another load or another version may change the order.",
)


def tuning_section(found: Observations) -> Section | None:
    """The best settings and the code that chooses them; ``None`` where no run measured several."""
    results = tunings(found)
    if not results:
        return None
    rows = tuple(_row(each, found.catalogue) for each in results)
    table = Table("tuning", "Best threads and settings", _COLUMNS, rows, _NOTES)
    code: list[Block] = [*_code(results, found.catalogue)]
    none_better = [] if any(each.is_better for each in results) else [Prose((Sentence(_NONE_BETTER),))]
    return Section("Best settings", (table, *none_better, *code))


_NONE_BETTER = "Nothing is faster than the default beyond the noise of this run: keep it."


_BETTER = "{}: {}, {} times as fast as the default."
_NOT_BETTER = "{}: the default, 1 thread. The best other setting ({}) is {} times as fast: not faster beyond the noise."
_UNKNOWN = "{}: the default, 1 thread. Not judged: {}."


def _row(result: Tuning, catalogue: Catalogue) -> Row:
    name = group_label(result.default.cell, catalogue)
    verdict = "this setting" if result.is_better else "the default: nothing is faster beyond the noise"
    if isinstance(result.gain, NotMeasured):
        verdict = "the default: too few rounds to judge"
    elif result.unknown:
        verdict = f"{verdict} ({result.unknown} not judged: too few uncontended rounds)"
    values: tuple[Value, ...] = (
        Text(name),
        Quantity(result.tried),
        _time(result.default),
        Text(choice_label(result.chosen.cell, catalogue)),
        _time(result.chosen),
        result.gain,
        Text(verdict),
    )
    return Row(result.default.cell.key, name, values, result.default.source.machine)


def _time(observation: Observation) -> Value:
    summary = observation.latency
    return NotMeasured("no latency") if summary is None else Quantity(summary.p50_s)


def group_label(cell: Cell, catalogue: Catalogue) -> str:
    """A cell as people read it, without its threads and settings."""
    form = catalogue.format_label(replace(cell, settings=()))
    device = catalogue.device(cell.device).label
    return f"{catalogue.variant_label(cell.variant)}, {form}, {device}, batch {cell.batch_size}"


def choice_label(cell: Cell, catalogue: Catalogue) -> str:
    """The threads and settings of a cell as people read them."""
    threads = f"{cell.threads} thread{'s' if cell.threads > 1 else ''}"
    return ", ".join(filter(None, (threads, catalogue.settings_label(cell))))


def _code(results: Sequence[Tuning], catalogue: Catalogue) -> Iterator[Code]:
    """The code of each result that has any: a runtime need not declare how its settings are written."""
    for result in results:
        cell = result.best.cell
        lines: tuple[str, ...] = ()
        with suppress(MissingTraitError, UnknownNameError):
            runtime = catalogue.runtime(catalogue.runtime_of(cell))
            lines = runtime.code_of(cell.device, cell.threads, cell.settings)
        if lines:
            yield Code(_title(result, catalogue), lines)


def _title(result: Tuning, catalogue: Catalogue) -> Sentence:
    """What the code is for, and how much faster it is than the default, or why it is the default."""
    names = [Text(group_label(result.default.cell, catalogue)), Text(choice_label(result.chosen.cell, catalogue))]
    template = _BETTER if result.is_better else _NOT_BETTER
    if isinstance(result.gain, NotMeasured):
        template, names[1] = _UNKNOWN, Text(result.gain.reason)
    gain: list[tuple[Value, Kind]] = [] if isinstance(result.gain, NotMeasured) else [(result.gain, "ratio")]
    return Sentence(template, (*((name, "text") for name in names), *gain))
