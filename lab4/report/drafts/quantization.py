"""Part 2: precision, size and accuracy."""

from lab4.analysis.query import Figure, figures, highest, table_of, tables_like
from lab4.analysis.tables import Quantity, Table, Text, Worksheet
from lab4.report.drafts.phrases import Answer, answer, clear_loss, gaps, say, shown, versus

__all__ = ["answers"]


def answers(worksheet: Worksheet) -> tuple[Answer, ...]:
    """The three questions of the part."""
    tables = tables_like(worksheet, "quantization_")
    return (
        answer(
            "Which of the quantization techniques strikes the best balance between size and accuracy?",
            [sentence for table in tables for sentence in (_balance(table), gaps(table, "reduction"))],
        ),
        answer(
            "What relation between numerical precision and accuracy do your figures show?",
            [sentence for table in tables for sentence in (_precision(table), gaps(table, "loss"))],
        ),
        answer(
            "For which deployments would you take int8 although it may cost accuracy?",
            [sentence for table in tables for sentence in (_int8(table), *_speed(worksheet, table))],
        ),
    )


def _balance(table: Table) -> str:
    """The largest reduction among those without a clear loss, or else the largest there is."""
    found = figures(table, "reduction")
    if not found:
        return ""
    harmless = tuple(figure for figure in found if not _clearly_worse(table, figure))
    best = highest(harmless or found)
    return (
        f"{table.title}: {best.row.name} made the file {say(best)} smaller, to {shown(table, best.row, 'size')}; "
        f"accuracy against the original: {clear_loss(table.value(best.row, 'loss'))}."
    )


def _clearly_worse(table: Table, figure: Figure) -> bool:
    loss = table.value(figure.row, "loss")
    return isinstance(loss, Quantity) and loss.low is not None and loss.low > 0


def _precision(table: Table) -> str:
    found = figures(table, "loss")
    if not found:
        return ""
    losses = "; ".join(f"{figure.row.name}: {clear_loss(figure.quantity)}" for figure in found)
    return f"{table.title}, against the original on the same images: {losses}."


def _int8(table: Table) -> str:
    found = [figure for figure in figures(table, "size") if figure.row.key.endswith("-tflite_int8")]
    return "".join(
        f"{table.title}: the int8 file has {say(figure)}; accuracy: {clear_loss(table.value(figure.row, 'loss'))}."
        for figure in found
    )


def _speed(worksheet: Worksheet, table: Table) -> list[str]:
    """Latency of int8 beside float32, at batch 1 on the CPU."""
    model = table.key.removeprefix("quantization_")
    every = table_of(worksheet, "inference_all")
    found = {figure.row.key: figure for figure in figures(every, "time")}
    int8 = found.get(f"latency/{model}-cpu-b1-tflite_int8")
    float32 = found.get(f"latency/{model}-cpu-b1-tflite_float32")
    if int8 is None or float32 is None:
        return ["Its latency beside float32 was not measured in this run."]
    name = every.value(float32.row, "format")
    beside = versus(int8, float32, name.text if isinstance(name, Text) else "", "latency")
    return [f"At batch 1 it took {say(int8)}: {beside}, {say(float32)}."]
