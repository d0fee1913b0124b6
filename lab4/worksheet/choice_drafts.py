"""What there is to say of Part 5's choices as a whole."""

from collections.abc import Iterator

from lab4.analysis.document import Prose, Sentence
from lab4.analysis.query import Figure, figures
from lab4.analysis.tables import Text
from lab4.worksheet.candidates import Candidate, lost
from lab4.worksheet.choices import is_faster, is_smaller, on_phone_s, per_example_s
from lab4.worksheet.description import Context
from lab4.worksheet.sentences import against, joined, of_row, together


def on_one_winner(context: Context) -> tuple[Prose, ...]:
    """Where one artifact is best for every priority: that it is, and what was or was not given up for it.

    Nothing where there was none to choose from.
    """
    choices, candidates = context.table("choices"), context.table("candidates")
    winners = {choices.value(row, "best") for row in choices.rows}
    if len(context.pool.comparable) == 1 or len(winners) > 1 or not all(isinstance(each, Text) for each in winners):
        return ()
    keys = {row.cell.key for row in choices.rows if row.cell is not None}
    mine = next((each for each in figures(candidates, "size") if each.row.key in keys), None)
    if mine is None:
        return ()
    given_up = tuple(_given_up(context, mine))
    none = (
        " That is no mistake: accuracy, size and speed compete only where one is given up for another, and here none "
        "had to be."
    )
    said = together(
        of_row(f"{{row}} is best for all five priorities.{'' if given_up else none}", candidates, mine.row),
        of_row("It is {reduction} smaller than the most accurate original.", candidates, mine.row),
        against(candidates, mine.row, "loss", "most accurate original", context),
        of_row("It takes {latency}, and reaches {rate} at the larger batch size.", candidates, mine.row),
        given_up,
    )
    return (Prose(said),)


def _given_up(context: Context, mine: Figure) -> Iterator[Sentence]:
    """What is smaller or faster than the winner of everything: it loses more than the rules allow."""
    pool, winner = context.pool, next(each for each in context.pool.comparable if each.key == mine.row.key)
    smaller = {each for each in pool.comparable if is_smaller(each, winner)}
    times = (on_phone_s, per_example_s)
    faster = {each for each in pool.comparable if any(is_faster(each, winner, time_s) for time_s in times)}
    both = smaller & faster
    for what, found in ({"smaller and faster": both} if both else {"smaller": smaller, "faster": faster}).items():
        if found:
            yield from _excluded(context, what, found, winner)


def _excluded(context: Context, what: str, found: set[Candidate], winner: Candidate) -> Iterator[Sentence]:
    """Of these, the one that loses least."""
    pool, table, reference = context.pool, context.table("candidates"), context.pool.reference
    if reference is None:  # then nothing has won
        return
    best = min(found, key=lambda each: (lost(each, reference), *each.tie_break))
    row = next(row for row in table.rows if row.key == best.key)
    speed = " and {latency} at batch {smallest}"
    if is_faster(best, winner, per_example_s) and not is_faster(best, winner, on_phone_s):
        speed = " and {rate} at batch {largest}"
    yield from of_row(
        "A {what} file exists, {row}, with {size}{speed}. Against that original it loses {loss}, more than the rules "
        "allow.",
        table,
        row,
        what=what,
        speed=joined("", of_row(speed, table, row, smallest=pool.smallest, largest=pool.largest)),
        loss=(table.value(row, "loss"), "unsigned_points"),
    )
