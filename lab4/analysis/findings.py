"""A few plain findings of the runs, for the margin of Part 6, and what a reader should beware of."""

from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio, table_of, tables_like
from lab4.analysis.tables import Finding, Kind, Quantity, Table, Text, Value, Worksheet

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
    if len(runs) > 1:
        found.append("Several runs were merged: where more than one measured a cell, the latest one's figure stands.")
    if any(run.commit.dirty for run in runs):
        found.append("The working tree had changes that were not committed: the revision alone does not name the code.")
    if len({run.dataset.sha256 for run in runs}) > 1:
        found.append("The runs used different images: their accuracies are not comparable.")
    if len({run.settings for run in runs}) > 1:
        found.append("The runs had different settings: see the machines and settings below.")
    every = table_of(worksheet, "inference_all")
    told = [every.value(row, "state") for row in every.rows]
    unstable = told.count(Text("unstable"))
    if unstable:
        found.append(
            f"The machine was restless: {unstable} of {sum(isinstance(each, Text) for each in told)} latencies are "
            "unstable, less sure than the profile asks (State, in the tables); measure again on a quiet machine, or "
            "for longer."
        )
    return tuple(found)


def _say(template: str, *items: str | Figure | tuple[Value, Kind]) -> Finding:
    """Make a finding; a figure is printed by its own kind."""
    said: list[tuple[Value, Kind]] = []
    for item in items:
        if isinstance(item, str):
            said.append((Text(item), "text"))
        else:
            said.append((item.quantity, item.kind) if isinstance(item, Figure) else item)
    return Finding(template, tuple(said))


def _training(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "rate")
    if not found:
        return ()
    best = highest(found)
    time = table.value(best.row, "time")
    return (_say("Training was fastest for {}: {} of training at {}.", best.row.name, (time, "seconds"), best),)


def _batches(table: Table) -> tuple[Finding, ...]:
    found = []
    for small in figures(table, "rate", batch="1"):
        model, device = _text(table, small, "model"), _text(table, small, "device")
        for large in figures(table, "rate", batch="32", model=model, device=device):
            if compare(small.quantity, large.quantity) == "no clear difference":
                template = "For the {} on {}, batch 32 and batch 1 made no clear difference to samples/second."
                found.append(_say(template, model, device))
            else:
                template = "For the {} on {}, batch 32 gave {} times the samples/second of batch 1."
                found.append(_say(template, model, device, (ratio(large.quantity, small.quantity), "ratio")))
    return tuple(found)


def _latencies(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "time", batch="1")
    if not found or lowest(found) == highest(found):
        return ()
    fast, slow = lowest(found), highest(found)
    template = "At batch 1 the lowest median latency is that of {}, {}, and the highest that of {}, {}."
    return (_say(template, fast.row.name, fast, slow.row.name, slow),)


def _quantization(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "reduction")
    if not found:
        return ()
    best = highest(found)
    loss = table.value(best.row, "loss")
    template = "{}: {} saves most on disk, {}, with an accuracy loss of {}."
    return (_say(template, table.title, best.row.name, best, (loss, "points")),)


def _pruning(table: Table) -> tuple[Finding, ...]:
    pruned = [f for f in figures(table, "gzip_reduction") if isinstance(table.value(f.row, "control_loss"), Quantity)]
    if not pruned:
        return ()
    best = highest(tuple(pruned))
    zeros, disk = table.value(best.row, "sparsity"), table.value(best.row, "reduction")
    loss = table.value(best.row, "control_loss")
    template = "{}: {} has {} zero weights; its size reduction is {} on disk and {} gzipped, its own loss {}."
    name = best.row.name
    return (_say(template, table.title, name, (zeros, "fraction"), (disk, "fraction"), best, (loss, "points")),)


def _deployment(table: Table) -> tuple[Finding, ...]:
    found = figures(table, "relative")
    if not found:
        return ()
    least, most = lowest(found), highest(found)
    template = "{}: the smallest is {}, {} of Keras H5, the largest {}, {}."
    return (_say(template, table.title, least.row.name, least, most.row.name, most),)


def _text(table: Table, figure: Figure, column: str) -> str:
    value = table.value(figure.row, column)
    return value.text if isinstance(value, Text) else ""
