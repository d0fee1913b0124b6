"""How drafts are put together: a sentence is there only if every figure in it was measured."""

from collections.abc import Iterable
from string import Formatter

from lab4.analysis.document import Sentence
from lab4.analysis.query import Figure, compare, ratio
from lab4.analysis.tables import Kind, NotMeasured, Quantity, Row, Table, Text, Value
from lab4.domain.outcome import Failed

__all__ = ["Sentences", "clear_loss", "joined", "missing_figures", "of_row", "say", "versus"]

#: One sentence, or none where a figure of it was not measured.
Sentences = tuple[Sentence, ...]

_Part = str | Sentence | Figure | tuple[Value, Kind]


def say(template: str, **parts: _Part) -> Sentences:
    """The sentence with each part in the place of its name, or none if a part is a value without a figure."""
    texts: list[str] = []
    figures: list[tuple[Value, Kind]] = []
    for literal, name, _, _ in Formatter().parse(template):
        texts.append(literal)
        if name is not None:
            part = _sentence(parts[name])
            texts.append(part.template)
            figures.extend(part.figures)
    if not all(isinstance(value, Quantity | Text) for value, _ in figures):
        return ()
    return (Sentence("".join(texts), tuple(figures)),)


def _sentence(part: _Part) -> Sentence:
    if isinstance(part, Sentence):
        return part
    if isinstance(part, str):
        return Sentence("{}", ((Text(part), "text"),))
    if isinstance(part, Figure):
        return Sentence("{}", ((part.quantity, part.kind),))
    return Sentence("{}", (part,))


def of_row(template: str, table: Table, row: Row, **parts: _Part) -> Sentences:
    """A sentence on a row: ``{table}`` and ``{row}`` are their names, any column's key is its value."""
    values = {column.key: (value, column.kind) for column, value in zip(table.columns, row.values, strict=True)}
    return say(template, **{**values, "table": table.title, "row": row.name, **parts})


def joined(separator: str, sentences: Iterable[Sentence]) -> Sentence:
    """Several sentences as one."""
    given = tuple(sentences)
    return Sentence(separator.join(each.template for each in given), sum((each.figures for each in given), ()))


def versus(one: Figure, other: Figure, name: str, what: str) -> Sentence:
    """``what`` of one figure against another's, as far as their spreads tell them apart."""
    if compare(one.quantity, other.quantity) == "no clear difference":
        return say("no clear difference in {what} from {name}", what=what, name=name)[0]
    if other.quantity.value <= 0:
        return say("no ratio to the {what} of {name}, which is zero", what=what, name=name)[0]
    times: tuple[Value, Kind] = (ratio(one.quantity, other.quantity), "ratio")
    return say("{times} times the {what} of {name}", times=times, what=what, name=name)[0]


def clear_loss(value: Value, kind: Kind = "points") -> Sentences:
    """An accuracy loss in words: lost, gained, or no clear difference; nothing where it was not measured."""
    low, high = (value.low, value.high) if isinstance(value, Quantity) else (None, None)
    words = "no clear difference"
    if low is not None and low > 0:
        words = "a clear loss"
    elif high is not None and high < 0:
        words = "a clear gain"
    return say("{words}, {value}", words=words, value=(value, kind))


def missing_figures(tables: Iterable[Table], column: str) -> Sentences:
    """Which rows lack the figure and why, a sentence for each reason."""
    reasons: dict[tuple[str, str], dict[str, None]] = {}
    for table in tables:
        for row in table.rows:
            value = table.value(row, column)
            if isinstance(value, NotMeasured | Failed):
                outcome = "failed" if isinstance(value, Failed) else "not measured"
                reasons.setdefault((outcome, value.reason), {})[row.name] = None
    return tuple(
        sentence
        for (outcome, reason), rows in reasons.items()
        for sentence in say(
            "No figure for {rows} ({outcome}: {reason}).", rows="; ".join(rows), outcome=outcome, reason=reason
        )
    )
