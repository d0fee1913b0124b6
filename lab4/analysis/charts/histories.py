"""A figure of a cell over the runs of a history, with the steps that were found."""

from collections.abc import Iterator, Mapping, Sequence

from lab4.analysis.charts.marks import fact_of_test, grouped
from lab4.analysis.document import Axis, Block, Chart, Fact, Layer, Mark, Prose, Section, Sentence, count_of
from lab4.analysis.figures import FIGURES, MEDIAN, MEDIAN_INTERVAL
from lab4.analysis.tables import KINDS, Quantity, Text
from lab4.analysis.trend import CommonStep, FigureStep, FigureTrend, NamedFigure, TrendSample, trends_of
from lab4.domain.cell import Cell

_NOTE = "A point is a run, in order; upright lines are where the figure changed, with the change."
#: Charts that a person looks through; the others are counted.
_MOST = 12


def latency_history(samples: Mapping[str, Sequence[TrendSample]]) -> Section:
    """How the comparison latencies of cells have changed; raises `HistoryError` if ``ruptures`` is not installed."""
    figure = NamedFigure("latency", FIGURES["latency"])
    return history_section(figure, samples, *trends_of(figure, samples))


def history_section(
    figure: NamedFigure,
    samples: Mapping[str, Sequence[TrendSample]],
    trends: Sequence[FigureTrend],
    common: Sequence[CommonStep] = (),
) -> Section:
    """The cells of which a figure has changed, each with its runs, and how many have not.

    ``common`` are steps that many of these cells have at about one run: the trends lack them.
    """
    together = {each.cell: [other.step for other in common if each.cell in other.members] for each in trends}
    changed = [each for each in trends if each.steps or each.drifts or together[each.cell]]
    said = Sentence(
        "The figure {} changed in {} of {} cells.",
        ((Text(figure.traits.label), "text"), count_of(len(changed)), count_of(len(trends))),
    )
    blocks: list[Block] = [Prose((said, *(_in_common(figure, each) for each in common)))]
    if len(changed) > _MOST:
        blocks.append(Prose((Sentence("Shown are the first {}; lab4 history trend lists all.", (count_of(_MOST),)),)))
    shown = [*changed, *(each for each in trends if each not in changed)][:_MOST]
    blocks += [
        _chart(figure, each.cell, samples[each.cell], [*each.steps, *together[each.cell]])
        for each in shown
        if len(samples[each.cell]) > 1
    ]
    return Section("History", tuple(blocks))


def _in_common(figure: NamedFigure, common: CommonStep) -> Sentence:
    step = common.step
    return Sentence(
        "From run {} on {} of {} cells of a machine changed together, by {} in the middle: by the machine, its "
        "software, or a revision that affects them all.",
        (
            count_of(step.first.number),
            count_of(common.cells),
            count_of(common.total),
            (Text(_change(figure, step.change)), "text"),
        ),
    )


def _chart(figure: NamedFigure, cell: str, samples: Sequence[TrendSample], found: Sequence[FigureStep]) -> Chart:
    kind = KINDS.get(figure.traits.quantity, "ratio")
    test = fact_of_test(Cell.from_key(cell))
    marks = tuple(_mark(figure, each, test) for each in samples if figure.name in each.figures.values)
    steps = tuple(
        Mark(
            f"from run {step.first.number} on",
            Quantity(step.first.number),
            marks[0].y,
            label=_change(figure, step.change),
        )
        for step in found
    )
    lines = tuple(Layer("line", tuple(group)) for group in grouped(marks, lambda mark: mark.group))
    return Chart(
        cell,
        _NOTE,
        Axis("Run of the history", "count"),
        Axis(figure.traits.label, kind),
        (Layer("moment", steps), *lines, Layer("point", marks)),
        groups="Machine" if len({mark.group for mark in marks}) > 1 else "",
    )


def _mark(figure: NamedFigure, sample: TrendSample, test: Fact) -> Mark:
    facts = (
        *_median(sample),
        test,
        Fact("Started", Text(sample.started_at[:19])),
        Fact("Revision", Text((sample.revision or "unknown")[:12])),
    )
    value = Quantity(sample.figures.values[figure.name])
    return Mark(f"run {sample.number}", Quantity(sample.number), value, group=sample.hardware, facts=facts)


def _median(sample: TrendSample) -> Iterator[Fact]:
    """How well the run knew the cell's median, where the history has it: an earlier lab4 did not keep it."""
    values, ends = sample.figures.values, sample.figures.intervals.get(MEDIAN)
    if ends is not None and MEDIAN in values:
        yield Fact(MEDIAN_INTERVAL, Quantity(values[MEDIAN], *ends), "milliseconds")


def _change(figure: NamedFigure, change: float) -> str:
    return f"{change * 100:+.2f} points" if figure.traits.quantity == "share" else f"{change * 100:+.1f}%"
