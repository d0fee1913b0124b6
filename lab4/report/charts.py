"""Which figures become charts: latency by format, cells under the roofline, size with accuracy."""

from markupsafe import Markup

from lab4.analysis.query import Figure, figures, table_of, tables_like
from lab4.analysis.roofline import peak_rates, place_of, places_of
from lab4.analysis.tables import Source, Table, Text, Worksheet
from lab4.domain.cell import Cell
from lab4.report.roofline_svg import Point, Roof, roofline_chart
from lab4.report.svg import Bar, bar_chart
from lab4.report.units import number

__all__ = ["charts"]


def charts(worksheet: Worksheet) -> dict[int, tuple[Markup, ...]]:
    """The charts of each part that has any, by its number."""
    every = table_of(worksheet, "inference_all")
    models = [table.key.removeprefix("deployment_") for table in tables_like(worksheet, "deployment_")]
    devices = dict.fromkeys(Cell.from_key(row.key).device for row in every.rows)
    latency = tuple(chart for model in models for device in devices for chart in _latency(every, model, device))
    rooflines = tuple(
        chart for source in worksheet.sources for model in models for chart in _rooflines(worksheet, source, model)
    )
    return {1: latency + rooflines, 5: _sizes(table_of(worksheet, "candidates"))}


def _latency(table: Table, model: str, device: str) -> tuple[Markup, ...]:
    """Median latency of the original in each format, at batch 1 on one device."""
    found = [f for f in figures(table, "time", batch="1") if f.row.key.startswith(f"latency/{model}-{device}-")]
    bars = tuple(
        Bar(_text(table, figure, "format"), float(shown.replace(",", "")), f"{shown} ms")
        for figure in sorted(found, key=lambda figure: figure.quantity.value)
        for shown in (number(figure.quantity.value, figure.kind),)
        if figure.quantity.value > 0
    )
    if not bars:
        return ()
    title = f"Latency of the {_text(table, found[0], 'model')} by format, batch 1, {_text(table, found[0], 'device')}"
    return (
        bar_chart(
            title, "Median of single calls in ms; each line is ten times the one before.", bars, logarithmic=True
        ),
    )


def _rooflines(worksheet: Worksheet, source: Source, model: str) -> tuple[Markup, ...]:
    """The original in each format and batch size under the roofs of each device, a CPU's for each thread count."""
    table = table_of(worksheet, "inference_roofline")
    attained = {figure.row.key: figure for figure in figures(table, "attained")}
    drawn = []
    label = source.run.catalogue.any_label
    for device, threads in places_of(source.run.peaks):
        rates = peak_rates(source.run.peaks, threads, device)
        roofs = [
            Roof(name, peak, bandwidth, level)
            for name, peak in (("float32", rates.float32_per_s), ("int8", rates.int8_per_s))
            for level, bandwidth in (("memory", rates.memory_bytes_per_s), ("cache", rates.cache_bytes_per_s))
            if peak is not None and bandwidth is not None
        ]
        points = [
            Point(
                _in_its_model(source, Cell.from_key(figure.row.key)),
                figure.quantity.value,
                attained[figure.row.key].quantity.value,
                f"{number(attained[figure.row.key].quantity.value, 'operation_rate')} GFLOP/s",
                _text(table, figure, "arithmetic"),
            )
            for figure in figures(table, "intensity")
            if figure.row.machine == source.machine
            and _is_original(Cell.from_key(figure.row.key), model, (device, threads))
            and figure.row.key in attained
        ]
        if roofs and points:
            where = f" on {source.machine}" if len(worksheet.machines) > 1 else ""
            with_threads = "one thread" if threads == 1 else f"{threads} threads"
            placed = with_threads if device == "cpu" else label(device)
            drawn.append(roofline_chart(f"Roofline of the {label(model)}, {placed}{where}", roofs, points))
    return tuple(drawn)


def _in_its_model(source: Source, cell: Cell) -> str:
    return f"{source.run.catalogue.format_label(cell)}, batch {cell.batch_size}"


def _is_original(cell: Cell, model: str, place: tuple[str, int]) -> bool:
    return cell.model == model and not cell.techniques and place_of(cell.device, cell.threads) == place


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
