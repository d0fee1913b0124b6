"""How drafts speak: figures with units, comparisons only beyond the spread, gaps with their reasons."""

from collections.abc import Iterable
from dataclasses import dataclass

from lab4.analysis.query import Figure, compare, ratio
from lab4.analysis.tables import Kind, NotMeasured, Quantity, Row, Table, Value
from lab4.domain.outcome import Failed
from lab4.report.units import figure, number, words

__all__ = ["Answer", "answer", "clear_loss", "factor", "gaps", "say", "shown", "versus"]

_NOTHING = "This run measured nothing that answers it."


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and a draft of its answer."""

    question: str
    draft: str


def answer(question: str, sentences: Iterable[str]) -> Answer:
    """Join the sentences, or say that there is nothing to answer from."""
    return Answer(question, " ".join(sentence for sentence in sentences if sentence) or _NOTHING)


def say(found: Figure) -> str:
    """The figure with unit and spread."""
    return figure(found.quantity, found.kind)


def shown(table: Table, row: Row, column: str) -> str:
    """What stands in the table there, with its unit."""
    return words(table.value(row, column), table.columns[table.index(column)].kind, with_unit=True)


def factor(one: Quantity, other: Quantity) -> str:
    """How many times the other, such as ``3.41 times``."""
    return f"{number(ratio(one, other).value, 'ratio')} times"


def versus(one: Figure, other: Figure, name: str, what: str) -> str:
    """``what`` of one figure against another's, as far as their spreads tell them apart."""
    verdict = compare(one.quantity, other.quantity)
    if verdict == "no clear difference":
        return f"no clear difference in {what} from {name}"
    if other.quantity.value <= 0:
        return f"no ratio to the {what} of {name}, which is zero"
    return f"{factor(one.quantity, other.quantity)} the {what} of {name}"


def clear_loss(value: Value, kind: Kind = "points") -> str:
    """An accuracy loss in words: lost, gained, or no clear difference."""
    if not isinstance(value, Quantity):
        return words(value, kind)
    if value.low is not None and value.low > 0:
        return f"a clear loss, {figure(value, kind)}"
    if value.high is not None and value.high < 0:
        return f"a clear gain, {figure(value, kind)}"
    return f"no clear difference, {figure(value, kind)}"


def gaps(table: Table, column: str) -> str:
    """Which rows lack the figure and why, as a sentence; empty where none does."""
    reasons: dict[str, list[str]] = {}
    for row in table.rows:
        value = table.value(row, column)
        if isinstance(value, NotMeasured | Failed):
            state = "failed" if isinstance(value, Failed) else "not measured"
            reasons.setdefault(f"{state}: {value.reason}", []).append(row.name)
    return " ".join(f"No figure for {'; '.join(rows)} ({reason})." for reason, rows in reasons.items())
