"""Part 5: what to recommend."""

from lab4.analysis.judging import JUDGING
from lab4.analysis.query import figures, highest, lowest, table_of
from lab4.analysis.tables import Table, Worksheet
from lab4.report.drafts.phrases import Answer, answer, clear_loss, say, shown

__all__ = ["answers"]

#: The size that the form asks about, in bytes.
_SMALL_BYTES = 1_000_000
_AT_MOST_NAMED = 3


def answers(worksheet: Worksheet) -> tuple[Answer, ...]:
    """The three questions of the part."""
    candidates = table_of(worksheet, "candidates")
    return (
        answer("Which technique gives the most accuracy for each MB?", [_efficient(candidates)]),
        answer(
            "Which techniques would you combine for a model that has to stay below 1 MB?",
            [_below(candidates)],
        ),
        answer(
            "How would you go about optimizing a vision model that has to answer in real time on a smartphone?",
            [_smartphone(worksheet)],
        ),
    )


def _efficient(table: Table) -> str:
    found = figures(table, "efficiency")
    if not found:
        return ""
    best = highest(found)
    return (
        f"{best.row.name}, with {say(best)}: {shown(table, best.row, 'accuracy')} accuracy in "
        f"{shown(table, best.row, 'size')} on disk. A ratio like this favours small files, whatever they lose."
    )


def _below(table: Table) -> str:
    small = tuple(figure for figure in figures(table, "size") if figure.quantity.value < _SMALL_BYTES)
    if not small:
        sizes = figures(table, "size")
        return f"Nothing measured is below 1 MB; the smallest is {lowest(sizes).row.name}." if sizes else ""
    accurate = {figure.row.key: figure for figure in figures(table, "accuracy")}
    ordered = sorted(small, key=lambda figure: -accurate[figure.row.key].quantity.value)
    named = "; ".join(
        f"{figure.row.name} with {say(figure)} and {shown(table, figure.row, 'accuracy')} accuracy, "
        f"{clear_loss(table.value(figure.row, 'loss'))} against the most accurate original"
        for figure in ordered[:_AT_MOST_NAMED]
    )
    return f"Below 1 MB on disk are {len(small)} of {len(table.rows)} candidates. The most accurate of them: {named}."


def _smartphone(worksheet: Worksheet) -> str:
    chosen, rules = table_of(worksheet, "choices"), table_of(worksheet, "rules")
    if not figures(chosen, "size", priority="Mobile Deployment"):
        return ""
    row = next(row for row in chosen.rows if row.name == "Mobile Deployment")
    rule = next(row for row in rules.rows if row.name == "Mobile Deployment")
    return (
        f"From these figures one would begin with {shown(chosen, row, 'best')}: "
        f"{shown(rules, rule, 'latency')} of {JUDGING} at batch 1 on this CPU, "
        f"{shown(chosen, row, 'size')}, and an accuracy loss of {shown(chosen, row, 'loss')}; "
        f"next would be {shown(chosen, row, 'runner_up')}. On the phone itself, with its accelerator, latency and "
        "accuracy have to be measured again: none was measured in this run."
    )
