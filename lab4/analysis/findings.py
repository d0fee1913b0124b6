"""A few plain findings of the runs, for the margin of Part 6, and what a reader should beware of."""

from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio, table_of, tables_like
from lab4.analysis.tables import Finding, Quantity, Table, Text, Value, Worksheet

__all__ = ["cautions", "findings"]


def findings(worksheet: Worksheet) -> tuple[Finding, ...]:
    """What the figures say, one sentence each, without advice; fewer where less was measured."""
    return (
        *_training(table_of(worksheet, "training")),
        *_batches(table_of(worksheet, "inference")),
        *_latencies(table_of(worksheet, "inference_all")),
        *(found for table in tables_like(worksheet, "quantization_") for found in _quantization(table)),
        *(found for table in tables_like(worksheet, "pruning_") for found in _pruning(table)),
        *(found for table in tables_like(worksheet, "deployment_") for found in _deployment(table)),
    )


def cautions(worksheet: Worksheet) -> tuple[str, ...]:
    """Reasons to read the worksheet with care; empty where there are none."""
    runs = [source.run for source in worksheet.sources]
    found = []
    if any(not run.complete for run in runs):
        found.append("A run was interrupted: cells that it did not reach are not measured.")
    if any(run.commit.dirty for run in runs):
        found.append("The working tree had changes that were not committed: the revision alone does not name the code.")
    if len({run.dataset.sha256 for run in runs}) > 1:
        found.append("The runs used different images: their accuracies are not comparable.")
    if len({run.settings for run in runs}) > 1:
        found.append("The runs had different settings: see the machines and settings below.")
    return tuple(found)


def _name(figure: Figure) -> tuple[Value, "str"]:
    return Text(figure.row.name), "text"


def _training(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "rate")
    if not found:
        return ()
    best, time = highest(found), table.value(highest(found).row, "time")
    template = "Training was fastest for {}: {} of training at {}."
    return (Finding(template, ((Text(best.row.name), "text"), (time, "seconds"), (best.quantity, "rate"))),)


def _batches(table: Table) -> tuple[Finding, ...]:
    found = []
    for small in figures(table, "rate", batch="1"):
        same = {key: _text(table, small, key) for key in ("model", "device")}
        for large in figures(table, "rate", batch="32", **same):
            if compare(small.quantity, large.quantity) == "no clear difference":
                template = "For the {} on {}, batch 32 and batch 1 made no clear difference to samples/second."
                found.append(Finding(template, _texts(*same.values())))
            else:
                factor = ratio(large.quantity, small.quantity)
                template = "For the {} on {}, batch 32 gave {} times the samples/second of batch 1."
                found.append(Finding(template, (*_texts(*same.values()), (factor, "ratio"))))
    return tuple(found)


def _latencies(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "time", batch="1")
    if len(found) < 2:  # noqa: PLR2004  # a fastest and a slowest
        return ()
    fast, slow = lowest(found), highest(found)
    template = "Of all that ran at batch 1, {} had the lowest median latency, {}, and {} the highest, {}."
    return (
        Finding(
            template,
            (
                (Text(fast.row.name), "text"),
                (fast.quantity, fast.kind),
                (Text(slow.row.name), "text"),
                (slow.quantity, slow.kind),
            ),
        ),
    )


def _quantization(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "reduction")
    if not found:
        return ()
    best = highest(found)
    template = "{}: {} saved most on disk, {}, with an accuracy loss of {}."
    loss = table.value(best.row, "loss")
    return (Finding(template, (*_texts(table.title, best.row.name), (best.quantity, "fraction"), (loss, "points"))),)


def _pruning(table: Table) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "{}: {} has {} zero weights, is {} smaller on disk and {} smaller gzipped, and loses {}.",
            (
                *_texts(table.title, figure.row.name),
                (figure.quantity, "fraction"),
                (table.value(figure.row, "reduction"), "fraction"),
                (table.value(figure.row, "gzip_reduction"), "fraction"),
                (table.value(figure.row, "loss"), "points"),
            ),
        )
        for figure in figures(table, "sparsity")
        if isinstance(table.value(figure.row, "control_loss"), Quantity)
    )


def _deployment(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "relative")
    if not found:
        return ()
    least, most = lowest(found), highest(found)
    template = "{}: the smallest file is {}, {} of Keras H5, the largest {}, {}."
    return (
        Finding(
            template,
            (
                *_texts(table.title, least.row.name),
                (least.quantity, "fraction"),
                (Text(most.row.name), "text"),
                (most.quantity, "fraction"),
            ),
        ),
    )
