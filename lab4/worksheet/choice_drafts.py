"""What there is to say of Part 5's choices as a whole."""

from lab4.analysis.document import Prose
from lab4.analysis.query import figures
from lab4.analysis.tables import Text
from lab4.worksheet.description import Context
from lab4.worksheet.sentences import against, of_row, together


def on_one_winner(context: Context) -> tuple[Prose, ...]:
    """Where one artifact is best for every priority: that it is, and what it does not have to give up for it."""
    choices, candidates = context.table("choices"), context.table("candidates")
    winners = {choices.value(row, "best") for row in choices.rows}
    if len(winners) > 1 or not all(isinstance(each, Text) for each in winners):
        return ()
    keys = {row.cell.key for row in choices.rows if row.cell is not None}
    mine = next((each for each in figures(candidates, "size") if each.row.key in keys), None)
    if mine is None:
        return ()
    said = together(
        of_row(
            "{row} is best for all five priorities. That is no mistake: accuracy, size and speed compete only where "
            "one is given up for another, and here none had to be.",
            candidates,
            mine.row,
        ),
        of_row("It is {reduction} smaller than the most accurate original.", candidates, mine.row),
        against(candidates, mine.row, "loss", "most accurate original"),
        of_row("It takes {latency}, and reaches {rate} at the larger batch size.", candidates, mine.row),
    )
    return (Prose(said),)
