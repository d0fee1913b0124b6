"""Where the time of a call goes, by operator."""

from lab4.analysis.document import Axis, Chart, Fact, Layer, Mark
from lab4.analysis.tables import Quantity, Text
from lab4.domain.profiled import OperatorTime, Profile

_NOTE = "Shares of the time of all operators, the longest first; the rest is one bar."
#: Bars that a person reads; the rest is one.
_MOST = 15


def operator_chart(name: str, profile: Profile) -> Chart:
    """The operators of the artifact ``name`` that take longest, coloured by their type."""
    ordered = sorted(profile.operators, key=lambda each: -each.share)
    marks = [_mark(number, each) for number, each in enumerate(ordered[:_MOST], 1)]
    rest = ordered[_MOST:]
    if rest:
        label = f"{len(rest)} more"
        marks.append(Mark(label, Quantity(sum(each.share for each in rest)), Text(label), label))
    axes = Axis("Share of the time", "fraction"), Axis("", "text")
    return Chart(f"Time by operator: {name}", _NOTE, *axes, (Layer("bar", tuple(marks)),), "Type")


def _mark(number: int, operator: OperatorTime) -> Mark:
    """A bar; two operators may have one name, so each has its number."""
    facts = (
        Fact("In", Text(operator.where)),
        Fact("Input", Text(operator.dtype or "not known")),
        Fact("Time per call", Quantity(operator.seconds), "milliseconds"),
    )
    row = Text(f"{number}. {operator.name}")
    return Mark(operator.name, Quantity(operator.share), row, group=operator.type, facts=facts)
