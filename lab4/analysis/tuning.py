"""The best number of threads and settings of a runtime for a model, chosen and judged by different rounds of one run.

The fastest of many that are equally fast looks faster than it is, since it was chosen for its luck. So the first half
of the rounds chooses, and the second half, which knows nothing of the choice, says by how much the chosen one is faster
than the default. Both are ratios within rounds, in which the machine's state is common to all cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import zip_longest

from lab4.analysis.document import Block, Code, Prose, Section, Sentence
from lab4.analysis.observations import Observation, Observations
from lab4.analysis.tables import Column, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.catalogue import Catalogue, MissingTraitError
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.errors import UnknownNameError
from lab4.domain.observed import Latency
from lab4.sampling.contention import uncontended_samples
from lab4.sampling.interval import QuantileInterval, in_rounds, quantile_interval
from lab4.sampling.quantiles import median

#: The 95% interval of a median needs so many values: of five, all lie on one side of it in 6% of cases.
_LEAST_ROUNDS = 6
_TOO_FEW = (
    f"fewer than {2 * _LEAST_ROUNDS} rounds in common with the default: half of them choose, and half judge; measure "
    "with --lab4-tune"
)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was found for one model in one format, runtime and batch size on one device.

    ``default`` is the cell with one thread and the runtime's default settings, ``tried`` how many others were measured,
    and ``chosen`` the one of these that the first half of the rounds chose. ``gain`` is how many times as fast as the
    default that is in the second half, with its 95% interval, or why that is not known.
    """

    default: Observation
    tried: int
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
        if (default := found.at(cell)) in group
        and default is not None
        and (others := [each for each in group if each is not default and each.source is default.source])
    )


def _tuning(default: Observation, others: Sequence[Observation]) -> Tuning:
    rounds = {each.cell.key: round_medians(_latency(each)) for each in (default, *others)}
    ratios = {each.cell.key: _ratios(rounds[default.cell.key], rounds[each.cell.key]) for each in others}
    chosen = _chosen(others, rounds, ratios)
    _, judging = _halves(ratios[chosen.cell.key])
    return Tuning(default, len(others), chosen, _gain(judging))


def _latency(observation: Observation) -> Latency:
    measured = observation.measured
    assert measured is not None  # noqa: S101  # an observation with a summary was measured
    assert measured.latency is not None  # noqa: S101  # by which it has its summary
    return measured.latency


def round_medians(latency: Latency) -> tuple[float | None, ...]:
    """The median of the uncontended calls of each round, in seconds; ``None`` for a round that has none.

    Of all calls, where hardly a round has an uncontended one.
    """
    samples_s, sizes = latency.calls.samples_s, latency.calls.round_sizes
    kept = uncontended_samples(samples_s, sizes, latency.uncontended)
    return tuple(median(each) if each else None for each in (kept or in_rounds(samples_s, sizes)))


def _ratios(one: Sequence[float | None], other: Sequence[float | None]) -> list[float | None]:
    """How many times ``one`` is as long as ``other``, by round; ``None`` for a round that does not say it."""
    return [a / b if a and b else None for a, b in zip_longest(one, other) if (a, b) != (None, None)]


def _halves(ratios: Sequence[float | None]) -> tuple[list[float], list[float]]:
    """The ratios of the earlier and of the later rounds, as many of each, or one more later."""
    known = [each for each in ratios if each is not None]
    return known[: len(known) // 2], known[len(known) // 2 :]


def _chosen(
    others: Sequence[Observation],
    rounds: Mapping[str, Sequence[float | None]],
    ratios: Mapping[str, Sequence[float | None]],
) -> Observation:
    """The simplest of those that the first half of the rounds does not show to be slower than the fastest.

    Without that, a setting that changes nothing would be chosen whenever it is the luckier.
    """

    def speed(each: Observation) -> float:
        early, _ = _halves(ratios[each.cell.key])
        return median(early) if early else 0.0

    fastest = max(others, key=speed)
    equals = [each for each in others if not _is_slower(rounds[each.cell.key], rounds[fastest.cell.key])]
    return min(equals, key=lambda each: (len(each.cell.settings), each.cell.threads, -speed(each)))


def _is_slower(one: Sequence[float | None], other: Sequence[float | None]) -> bool:
    early, _ = _halves(_ratios(one, other))
    return not early or _interval(early).low > 1


def _interval(ratios: Sequence[float]) -> QuantileInterval:
    return quantile_interval([[each] for each in ratios], 0.5)


def _gain(ratios: Sequence[float]) -> Quantity | NotMeasured:
    if len(ratios) < _LEAST_ROUNDS:
        return NotMeasured(_TOO_FEW)
    found = _interval(ratios)
    return Quantity(found.value, found.low, found.high)


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
        "the default it is: the median over rounds, with its 95% interval. It is used where the interval is above 1."
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


def _row(result: Tuning, catalogue: Catalogue) -> Row:
    name = group_label(result.default.cell, catalogue)
    verdict = "this setting" if result.is_better else "the default: nothing is faster beyond the noise"
    if isinstance(result.gain, NotMeasured):
        verdict = "the default: too few rounds to judge"
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
            kept = "" if result.is_better else "the default, "
            title = f"{group_label(cell, catalogue)}: {kept}{choice_label(cell, catalogue)}"
            yield Code(title, lines)
