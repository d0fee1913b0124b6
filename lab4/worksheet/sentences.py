"""How drafts are put together: a sentence is there only if every figure in it was measured."""

from collections.abc import Iterable
from itertools import chain
from string import Formatter

from lab4.analysis.document import Sentence
from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio
from lab4.analysis.tables import Kind, Quantity, Row, Table, Text, Value
from lab4.worksheet.description import Context

#: Sentences of which some may be missing; often one, or none where a figure of it was not measured.
Sentences = tuple[Sentence, ...]

_Part = str | int | Sentence | Figure | tuple[Value, Kind]


def say(template: str, **parts: _Part) -> Sentences:
    """The sentence with each part in the place of its name, or none if a part is a value without a figure."""
    pieces = []
    for literal, name, _, _ in Formatter().parse(template):
        pieces += [Sentence(literal), *([] if name is None else [_sentence(parts[name])])]
    found = joined("", pieces)
    return (found,) if all(isinstance(value, Quantity | Text) for value, _ in found.figures) else ()


def _sentence(part: _Part) -> Sentence:
    match part:
        case Sentence():
            return part
        case str() | int():
            return Sentence("{}", ((Text(str(part)), "text"),))
        case Figure():
            return Sentence("{}", ((part.quantity, part.kind),))
        case _:
            return Sentence("{}", (part,))


def of_row(template: str, table: Table, row: Row, **parts: _Part) -> Sentences:
    """A sentence on a row: ``{table}`` and ``{row}`` are their names, any column's key is its value."""
    values = {column.key: (value, column.kind) for column, value in zip(table.columns, row.values, strict=True)}
    return say(template, **{**values, "table": table.title, "row": row.name, **parts})


def joined(separator: str, sentences: Iterable[Sentence]) -> Sentence:
    """Several sentences or clauses as one."""
    given = tuple(sentences)
    return Sentence(separator.join(each.template for each in given), tuple(chain(*(each.figures for each in given))))


def together(*sentences: Iterable[Sentence]) -> Sentences:
    """What belongs together as one, for lists; nothing where there is nothing."""
    found = tuple(chain(*sentences))
    return (joined(" ", found),) if found else ()


def versus(one: Figure, other: Figure, name: str | Sentence, what: str) -> Sentence:
    """A clause on ``what`` of one figure against another's, as far as their spreads separate them."""
    template = "{times} times the {what} of {name}"
    if compare(one.quantity, other.quantity) == "no clear difference":
        template = "no clear difference in {what} from {name}"
    elif other.quantity.value <= 0:
        template = "no ratio to the {what} of {name}, which is zero"
    times = ratio(one.quantity, other.quantity) if other.quantity.value > 0 else Quantity(0)
    return joined("", say(template, times=(times, "ratio"), what=what, name=name))


def clear_loss(value: Value) -> Sentences:
    """An accuracy loss in words: lost, gained, or no clear difference; nothing where it was not measured.

    Where it is not clear, the figure is the change of accuracy, which is below zero for a loss.
    """
    if not isinstance(value, Quantity):
        return ()
    if value.low is not None and value.low > 0:
        return say("a clear loss of {value}", value=(value, "unsigned_points"))
    if value.high is not None and value.high < 0:
        return say("a clear gain of {value}", value=(_change(value), "unsigned_points"))
    return say("no clear difference, {value}", value=(_change(value), "points"))


def with_control(context: Context, row: Row, loss: Value) -> Sentences:
    """A row's accuracy loss against an original in words, and how much of a gain its control had as well."""
    said, gained = clear_loss(loss), _gain_of_control(context, row, loss)
    if not said or gained is None or not isinstance(loss, Quantity):
        return said
    part = ", of which {gain} come from training on, as the control shows"
    if gained.value >= -loss.value:
        part = ", all of it from training on: the control gained {gain}"
    return (joined("", (*said, *say(part, gain=(gained, "unsigned_points")))),)


def _gain_of_control(context: Context, row: Row, loss: Value) -> Quantity | None:
    """What the control of a row's clear gain gained clearly, where the gain is against the model's own original."""
    cell = row.cell
    if cell is None or not cell.techniques or not isinstance(loss, Quantity) or loss.high is None or loss.high >= 0:
        return None
    control = context.observations.control(cell.model)
    if control is None or context.value("loss", cell) != loss:
        return None
    change = context.value("loss", control.cell)
    is_gain = isinstance(change, Quantity) and change.high is not None and change.high < 0
    return _change(change) if isinstance(change, Quantity) and is_gain else None


def _change(loss: Quantity) -> Quantity:
    """The change of accuracy, which falls by a loss."""
    low, high = (None if end is None else 0.0 - end for end in (loss.high, loss.low))
    return Quantity(0.0 - loss.value, low, high)


def against(table: Table, row: Row, column: str, what: str, context: Context | None = None) -> Sentences:
    """The row's accuracy loss against the original or the control; nothing where it was not measured.

    With a ``context``, how much of a gain is the control's too.
    """
    loss = table.value(row, column)
    losses = clear_loss(loss) if context is None else with_control(context, row, loss)
    return say("Accuracy against the {what}: {loss}.", what=what, loss=joined("", losses)) if losses else ()


def model_of(context: Context, table: Table) -> str:
    """The label of the model that a table of one model is of."""
    models = [row.cell.model for row in table.rows if row.cell is not None]
    return context.observations.catalogue.model(models[0]).label if models else table.title


def extremes(table: Table, column: str, only: str, alike: str, differ: str, **parts: str | Sentence) -> Sentences:
    """A sentence on the lowest figure and the highest, ``{other}`` with ``{most}``; on one alone, or on equal ones."""
    found = figures(table, column)
    if not found:
        return ()
    low, high = lowest(found), highest(found)
    template = differ if low.quantity.value < high.quantity.value else alike if len(found) > 1 else only
    return of_row(template, table, low.row, other=high.row.name, most=high, **parts)


def alike(found: Iterable[Figure], *axes: str) -> list[tuple[Figure, ...]]:
    """Figures in groups of cells that are alike in these axes, in order."""
    groups: dict[tuple[object, ...], list[Figure]] = {}
    for figure in found:
        groups.setdefault(tuple(getattr(figure.cell, axis) for axis in axes), []).append(figure)
    return [tuple(group) for group in groups.values()]


def as_known(context: Context, figure: Figure) -> Quantity:
    """A figure that was computed from a call's median, with the spread of the call's times."""
    times = {each.row.key: each.quantity for each in figures(context.table("inference"), "time")}
    time, value = times.get(figure.row.key), figure.quantity.value
    if time is None or not time.low or not time.high:
        return figure.quantity
    return Quantity(value, value * time.value / time.high, value * time.value / time.low)
