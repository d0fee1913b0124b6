"""Part 3: zeros, alone and with lower precision."""

from lab4.analysis.query import Figure, figures, highest, table_of, tables_like
from lab4.analysis.tables import NotApplicable, Table, Worksheet
from lab4.report.drafts.phrases import Answer, answer, clear_loss, gaps, say, shown, versus

__all__ = ["answers"]


def answers(worksheet: Worksheet) -> tuple[Answer, ...]:
    """The three questions of the part."""
    tables = tables_like(worksheet, "pruning_")
    return (
        answer(
            "How well does pruning shrink the model while its accuracy is kept?",
            [sentence for table in tables for sentence in (*_alone(table), gaps(table, "gzip_reduction"))],
        ),
        answer(
            "What do pruning and quantization achieve together?",
            [sentence for table in tables for sentence in _together(table)],
        ),
        answer(
            "Apart from its size, what would you expect hardware to gain from a pruned model?",
            [*_latencies(worksheet)],
        ),
    )


def _pruned(table: Table, column: str) -> tuple[Figure, ...]:
    """Figures of pruned rows: those that have a loss against the control, or would."""
    return tuple(
        figure
        for figure in figures(table, column)
        if not isinstance(table.value(figure.row, "control_loss"), NotApplicable)
    )


def _alone(table: Table) -> list[str]:
    return [
        f"{table.title}: {figure.row.name} has {shown(table, figure.row, 'sparsity')} zero weights; it is "
        f"{shown(table, figure.row, 'reduction')} smaller on disk and {say(figure)} smaller gzipped: zeros compress. "
        f"Accuracy against the control: {clear_loss(table.value(figure.row, 'control_loss'))}."
        for figure in _pruned(table, "gzip_reduction")
        if figure.row.key.endswith("-keras")
    ]


def _together(table: Table) -> list[str]:
    both = tuple(f for f in _pruned(table, "gzip_reduction") if not f.row.key.endswith("-keras"))
    if not both:
        return []
    best = highest(both)
    return [
        (
            f"{table.title}: {best.row.name} saves most, {shown(table, best.row, 'reduction')} on disk and {say(best)} "
            f"gzipped, down to {shown(table, best.row, 'size')} and {shown(table, best.row, 'gzip')}. "
            f"Accuracy against the original: {clear_loss(table.value(best.row, 'loss'))}."
        )
    ]


def _latencies(worksheet: Worksheet) -> list[str]:
    """Latency of pruned files beside the unpruned in the same format, at batch 1."""
    every = table_of(worksheet, "inference_all")
    found = {figure.row.key: figure for figure in figures(every, "time", batch="1")}
    pairs = [
        (figure, found[plain])
        for key, figure in found.items()
        if key.endswith("tflite_float32") and (plain := _without_techniques(key)) != key and plain in found
    ]
    if not pairs:
        return [
            "No latency of a pruned model beside its original was measured in this run, so this stays to be argued."
        ]
    told = "; ".join(
        f"{pruned.row.name} took {say(pruned)}: {versus(pruned, plain, 'the original', 'latency')}"
        for pruned, plain in pairs
    )
    return [
        f"Measured on this machine: {told}.",
        (
            "The gzipped sizes show fewer bytes to send and to store; time or energy saved on "
            "hardware with sparse kernels was not measured in this run."
        ),
    ]


def _without_techniques(key: str) -> str:
    model, dash, rest = key.partition("-")
    return f"{model.partition('.')[0]}{dash}{rest}"
