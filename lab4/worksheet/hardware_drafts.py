"""Drafts of Part 1: devices, batch sizes, models."""

from collections.abc import Iterator

from lab4.analysis.document import Sentence
from lab4.analysis.query import compare, figures, highest, lowest, ratio
from lab4.analysis.side_by_side import Ranking
from lab4.analysis.tables import Quantity
from lab4.domain.cell import TRAIN
from lab4.worksheet.description import LATENCIES, LIMITS, Context
from lab4.worksheet.sentences import Sentences, alike, joined, of_row, say, together, versus


def platforms(context: Context) -> Iterator[Sentence]:
    """How fast each model was trained on the fastest device, and how the measured platforms rank."""
    table = context.table("training")
    ranked = {
        level.value: _ranked(each)
        for each in context.rankings
        if each.kind == TRAIN and (level := each.row.level("model")) is not None
    }
    template = "The {model} trained at {rate} on {device}, taking {training_time}."
    for same in alike(figures(table, "rate"), "model"):
        best = highest(same)
        yield from together(of_row(template, table, best.row), ranked.get(best.cell.model, ()))


def _ranked(ranking: Ranking) -> Sentences:
    (best, _), *others = ranking.placed
    clauses: list[Sentence] = []
    for column, value in others:
        is_clear = value.behind is not None and not value.is_near_best
        template = "{times} times as fast as on {other}" if is_clear else "no clear difference from {other}"
        clauses += say(template, times=(value.behind or Quantity(0), "ratio"), other=column.label)
    return say("It trained fastest on {best}: {others}.", best=best.label, others=joined(", ", clauses))


def machines(context: Context) -> Sentences:
    """What there is to explain the differences with: the figures themselves do not say why."""
    names = dict.fromkeys(
        f"{source.machine} ({source.run.machine.cpu}, {source.run.machine.logical_cores} logical cores"
        f"{''.join(f', {gpu.name}' for gpu in source.run.machine.gpus)})"
        for source in context.observations.sources
    )
    template = "The figures do not say why; they come from {names}."
    return say(template, names="; ".join(names)) if figures(context.table("training"), "rate") else ()


def batches(context: Context) -> Iterator[Sentence]:
    """The largest batch size against the smallest, per model and device."""
    table, rose = context.table("inference"), False
    template = (
        "For the {model} on {device}, going from batch {batch} to {larger} took {time} to {longer} per call, and "
        "samples/second "
    )
    for group in alike(figures(table, "rate"), "model", "device", "threads", "settings"):
        small, *others = sorted(group, key=lambda each: each.cell.batch_size or 0)
        for large in others[-1:]:
            change = compare(large.quantity, small.quantity)
            rose = rose or change == "higher"
            is_clear = change != "no clear difference"
            effect = "were {times} times those of batch {batch}." if is_clear else "show no clear difference."
            yield from of_row(
                template + effect,
                table,
                small.row,
                larger=(table.value(large.row, "batch"), "text"),
                longer=(table.value(large.row, "time"), "milliseconds"),
                times=(ratio(large.quantity, small.quantity), "ratio"),
            )
    if rose:
        yield from say("Where samples/second rose, a part of the time of a call did not grow with the batch.")


def architectures(context: Context) -> Sentences:
    """The fastest model on each device, in training and in inference at the largest batch size, against the others."""
    training, inference, largest = context.table("training"), context.table("inference"), context.pool.largest
    calls = figures(inference, "rate", lambda cell: cell.batch_size == largest)
    template = "In {what} on {device} the {model} reached {rate}: {others}."
    found: list[Sentence] = []
    for table, rates, what in (
        (training, figures(training, "rate"), "training"),
        (inference, calls, f"inference at batch {largest}"),
    ):
        for same in alike(rates, "device"):
            best = highest(same)
            others = [
                versus(best, each, joined("", of_row("the {model}", table, each.row)), "throughput")
                for each in same
                if each.cell.model != best.cell.model
            ]
            if others:
                found += of_row(template, table, best.row, what=what, others=joined(", ", others))
    return (*found, *say("More samples/second is not yet better use: models differ in work.")) if found else ()


def use(context: Context) -> Iterator[Sentence]:
    """How near the original comes to what its device can do, where one model is alone."""
    limits, rows = context.table(LIMITS), {row.key for row in context.table("inference").rows}
    template = "{row}: {attained}, which is {share} of the roof; bound by {bound}."
    for row in limits.rows:
        if row.key in rows:
            yield from of_row(template, limits, row)


def latencies(context: Context) -> Sentences:
    """The lowest and the highest latency at the smallest batch size."""
    table, smallest = context.table(LATENCIES), context.pool.smallest
    found = figures(table, "time", lambda cell: cell.batch_size == smallest)
    if len(found) <= 1:
        return ()
    fast, slow = lowest(found), highest(found)
    template = "The lowest median latency is that of {row}, {fast}, and the highest that of {other}, {slow}."
    return of_row(template, table, fast.row, fast=fast, other=slow.row.name, slow=slow)
