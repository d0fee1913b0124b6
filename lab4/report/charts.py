"""Which figures become charts: latency by format, size with accuracy."""

from markupsafe import Markup

from lab4.analysis.query import Figure, figures, table_of, tables_like
from lab4.analysis.tables import Table, Text, Worksheet
from lab4.report.svg import Bar, bar_chart
from lab4.report.units import number

__all__ = ["charts"]


def charts(worksheet: Worksheet) -> dict[int, tuple[Markup, ...]]:
    """The charts of each part that has any, by its number."""
    every = table_of(worksheet, "inference_all")
    models = [table.key.removeprefix("deployment_") for table in tables_like(worksheet, "deployment_")]
    latency = tuple(chart for model in models for chart in _latency(every, model))
    return {1: latency, 5: _sizes(table_of(worksheet, "candidates"))}


def _latency(table: Table, model: str) -> tuple[Markup, ...]:
    """Median latency of the original in each format, at batch 1 on the CPU."""
    found = [f for f in figures(table, "time", batch="1") if f.row.key.startswith(f"inference/{model}-cpu-")]
    bars = tuple(
        Bar(_text(table, figure, "format"), float(shown.replace(",", "")), f"{shown} ms")
        for figure in sorted(found, key=lambda figure: figure.quantity.value)
        for shown in (number(figure.quantity.value, figure.kind),)
        if figure.quantity.value > 0
    )
    if not bars:
        return ()
    title = f"Latency of the {_text(table, found[0], 'model')} by format, batch 1, CPU"
    return (
        bar_chart(
            title, "Median of single calls in ms; each line is ten times the one before.", bars, logarithmic=True
        ),
    )


def _sizes(table: Table) -> tuple[Markup, ...]:
    """Size on disk of every candidate with its accuracy; those on the Pareto front stand out."""
    accuracies = {figure.row.key: figure for figure in figures(table, "accuracy")}
    bars = tuple(
        Bar(
            figure.row.name,
            float(shown.replace(",", "")),
            f"{shown} MB, {number(accuracies[figure.row.key].quantity.value, 'accuracy')}%",
            strong=_text(table, figure, "front") == "yes",
        )
        for figure in figures(table, "size")
        for shown in (number(figure.quantity.value, figure.kind),)
    )
    if not bars:
        return ()
    axis = "Size on disk in MB, with accuracy; dark bars are on the Pareto front: nothing is both smaller and better."
    return (bar_chart("Size and accuracy of every candidate", axis, bars),)


def _text(table: Table, figure: Figure, column: str) -> str:
    value = table.value(figure.row, column)
    return value.text if isinstance(value, Text) else ""
