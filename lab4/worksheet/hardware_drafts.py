"""Drafts of Part 1: devices, batch sizes, models."""

from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio
from lab4.analysis.tables import Table
from lab4.worksheet.context import Context, alike, cell_of, text_of
from lab4.worksheet.sentences import Sentences, every, joined, of_row, say, versus

__all__ = ["architectures_inference", "architectures_training", "batches", "latencies", "machines", "platforms", "use"]


def platforms(context: Context) -> Sentences:
    """How fast each model was trained on the fastest device, and how that compares with the others."""
    (table,) = context.tables["training"]
    sentences = []
    for same in alike(figures(table, "rate"), "model"):
        best = highest(same)
        others = [versus(best, each, text_of(table, each.row, "device"), "throughput") for each in same if each != best]
        template = "The {model} trained at {rate} on {device}, taking {training_time}"
        ending = ": {others}." if others else "."
        sentences.append(of_row(template + ending, table, best.row, others=joined(", ", others)))
    return every(sentences)


def machines(context: Context) -> Sentences:
    """What there is to explain the differences with: the figures themselves do not say why."""
    names = dict.fromkeys(
        f"{source.machine} ({source.run.machine.cpu}, {source.run.machine.logical_cores} logical cores"
        f"{''.join(f', {gpu.name}' for gpu in source.run.machine.gpus)})"
        for source in context.observations.sources
    )
    (table,) = context.tables["training"]
    if not figures(table, "rate"):
        return ()
    return say("The figures do not say why; they come from {names}.", names="; ".join(names))


def batches(context: Context) -> Sentences:
    """The largest batch size against the smallest, per model and device."""
    (table,) = context.tables["inference"]
    groups = [sorted(group, key=_batch) for group in alike(figures(table, "rate"), "model", "device", "threads")]
    pairs = [(group[0], group[-1]) for group in groups if len(group) > 1]
    rose = any(compare(large.quantity, small.quantity) == "higher" for small, large in pairs)
    why = "Where samples/second rose, a part of the time of a call did not grow with the batch."
    return every([*(_batch_effect(table, small, large) for small, large in pairs), say(why) if rose else ()])


def _batch(figure: Figure) -> int:
    return cell_of(figure.row).batch_size or 0


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


def architectures_training(context: Context) -> Sentences:
    """The fastest model in training on each device."""
    (table,) = context.tables["training"]
    found = _architectures(table, figures(table, "rate"), "training")
    caveat = "More samples/second is not yet better use: the models differ in work per example."
    return (*found, *say(caveat)) if found else ()


def architectures_inference(context: Context) -> Sentences:
    """The fastest model in inference at the largest batch size on each device."""
    (table,), largest = context.tables["inference"], context.pool.largest
    found = figures(table, "rate", lambda cell: cell.batch_size == largest)
    return _architectures(table, found, f"inference at batch {largest}")


def _architectures(table: Table, found: tuple[Figure, ...], what: str) -> Sentences:
    sentences = []
    for same in alike(found, "device"):
        best = highest(same)
        others = [
            versus(best, each, f"the {text_of(table, each.row, 'model')}", "throughput")
            for each in same
            if cell_of(each.row).model != cell_of(best.row).model
        ]
        if others:
            template = "In {what} on {device} the {model} reached {rate}: {others}."
            sentences.append(of_row(template, table, best.row, what=what, others=joined(", ", others)))
    return every(sentences)


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
