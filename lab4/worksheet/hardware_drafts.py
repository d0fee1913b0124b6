"""Drafts of Part 1: devices, batch sizes, models."""

from lab4.analysis.document import Sentence
from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio
from lab4.analysis.side_by_side import Ranking
from lab4.analysis.tables import Table
from lab4.domain.cell import TRAIN
from lab4.worksheet.context import Context, alike, text_of
from lab4.worksheet.sentences import Sentences, every, joined, of_row, say, together, versus

__all__ = ["architectures", "batches", "latencies", "machines", "platforms", "use"]


def platforms(context: Context) -> Sentences:
    """How fast each model was trained on the fastest device, and how the measured platforms rank."""
    (table,) = context.tables["training"]
    ranked = {_model_of(each): each for each in context.rankings if each.kind == TRAIN}
    template = "The {model} trained at {rate} on {device}, taking {training_time}."
    return every(
        together(of_row(template, table, highest(same).row), _ranked(ranked.get(same[0].cell.model)))
        for same in alike(figures(table, "rate"), "model")
    )


def _model_of(ranking: Ranking) -> object:
    level = ranking.row.level("model")
    return None if level is None else level.value


def _ranked(ranking: Ranking | None) -> Sentences:
    """How the fastest platform compares with each of the others; nothing where there is one platform."""
    if ranking is None:
        return ()
    (best, _), *others = ranking.placed
    clauses = every(
        say("no clear difference from {other}", other=column.label)
        if value.is_near_best or value.behind is None
        else say("{times} times as fast as on {other}", times=(value.behind, "ratio"), other=column.label)
        for column, value in others
    )
    return say("It trained fastest on {best}: {others}.", best=best.label, others=joined(", ", clauses))


def architectures(context: Context) -> Sentences:
    """The fastest model on each device, in training and in inference at the largest batch size, against the others."""
    (training,), (inference,), largest = context.tables["training"], context.tables["inference"], context.pool.largest
    calls = figures(inference, "rate", lambda cell: cell.batch_size == largest)
    template = "In {what} on {device} the {model} reached {rate}: {others}."
    found = every(
        of_row(template, table, best.row, what=what, others=_compared(table, best, same))
        for table, rates, what in (
            (training, figures(training, "rate"), "training"),
            (inference, calls, f"inference at batch {largest}"),
        )
        for same in alike(rates, "device")
        for best in (highest(same),)
        if len({each.cell.model for each in same}) > 1
    )
    return (*found, *say("More samples/second is not yet better use: models differ in work.")) if found else ()


def _compared(table: Table, best: Figure, same: tuple[Figure, ...]) -> Sentence:
    """Clauses on the fastest model against the others."""
    return joined(
        ", ",
        (
            versus(best, each, f"the {text_of(table, each.row, 'model')}", "throughput")
            for each in same
            if each.cell.model != best.cell.model
        ),
    )


def machines(context: Context) -> Sentences:
    """What there is to explain the differences with: the figures themselves do not say why."""
    names = dict.fromkeys(
        f"{source.machine} ({source.run.machine.cpu}, {source.run.machine.logical_cores} logical cores"
        f"{''.join(f', {gpu.name}' for gpu in source.run.machine.gpus)})"
        for source in context.observations.sources
    )
    (table,) = context.tables["training"]
    template = "The figures do not say why; they come from {names}."
    return say(template, names="; ".join(names)) if figures(table, "rate") else ()


def batches(context: Context) -> Sentences:
    """The largest batch size against the smallest, per model and device."""
    (table,) = context.tables["inference"]
    groups = [sorted(group, key=_batch) for group in alike(figures(table, "rate"), "model", "device", "threads")]
    pairs = [(group[0], group[-1]) for group in groups if len(group) > 1]
    rose = any(compare(large.quantity, small.quantity) == "higher" for small, large in pairs)
    why = "Where samples/second rose, a part of the time of a call did not grow with the batch."
    return every([*(_batch_effect(table, small, large) for small, large in pairs), say(why) if rose else ()])


def _batch(figure: Figure) -> int:
    return figure.cell.batch_size or 0


def _batch_effect(table: Table, small: Figure, large: Figure) -> Sentences:
    template = (
        "For the {model} on {device}, going from batch {batch} to {larger} took {time} to {longer} per call, and "
        "samples/second "
    )
    is_clear = compare(large.quantity, small.quantity) != "no clear difference"
    effect = "were {times} times those of batch {batch}." if is_clear else "show no clear difference."
    return of_row(
        template + effect,
        table,
        small.row,
        larger=text_of(table, large.row, "batch"),
        longer=(table.value(large.row, "time"), "milliseconds"),
        times=(ratio(large.quantity, small.quantity), "ratio"),
    )


def use(context: Context) -> Sentences:
    """How near the original comes to what its device can do, where one model is alone."""
    (table,), limits = context.tables["inference"], context.limits
    rows = {row.key for row in table.rows}
    template = "{row}: {attained}, which is {share} of the roof; bound by {bound}."
    return every(of_row(template, limits, row) for row in limits.rows if row.key in rows)


def latencies(context: Context) -> Sentences:
    """The lowest and the highest latency at the smallest batch size."""
    table, smallest = context.latencies, context.pool.smallest
    found = figures(table, "time", lambda cell: cell.batch_size == smallest)
    if len(found) <= 1:
        return ()
    fast, slow = lowest(found), highest(found)
    template = "The lowest median latency is that of {row}, {fast}, and the highest that of {other}, {slow}."
    return of_row(template, table, fast.row, fast=fast, other=slow.row.name, slow=slow)
