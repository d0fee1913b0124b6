"""Rows of texts as aligned columns, and as what is left of columns where a terminal is narrow."""

from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest
from textwrap import wrap

from lab4.domain.text import printable

_GAP = "  "
#: Characters of a word that is not broken at most, and lines of a row.
_LONGEST_WORD, _MOST_LINES = 24, 4
#: Texts that say nothing in a list.
_NOTHING = {"", "-"}


def column_widths(rows: Iterable[Sequence[str]]) -> list[int]:
    """The length of the longest text in each column; rows are of one length."""
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def total_width(widths: Sequence[int]) -> int:
    """The length of a line of such columns."""
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def rule(widths: Sequence[int]) -> str:
    """The rule between headings and rows."""
    return _GAP.join("-" * size for size in widths)


def aligned(
    rows: Sequence[Sequence[str]], widths: Sequence[int] | None = None, *, right: Collection[int] = (), gap: str = _GAP
) -> list[str]:
    """One line per row, without trailing spaces; columns in ``right`` are aligned to the right.

    >>> aligned([("a", "12"), ("bcd", "3")], right={1})
    ['a    12', 'bcd   3']
    """
    sizes = column_widths(rows) if widths is None else widths
    return [
        gap.join(
            text.rjust(size) if column in right else text.ljust(size)
            for column, (text, size) in enumerate(zip(row, sizes, strict=True))
        ).rstrip()
        for row in rows
    ]


def fitted(
    rows: Sequence[Sequence[str]],
    width: int | None,
    *,
    right: Collection[int] = (),
    keys: int = 1,
    ruled: bool = False,
) -> list[str]:
    """The rows in lines of at most ``width`` characters, or as they are where that is ``None``.

    ``rows`` begin with the headings, which may have a rule below them. Where there is no room, texts are wrapped; else
    there are two parts, each with the first column; else each row is a list of its values, under its first ``keys``
    ones. Rows of several keys have no two parts. What fits only with texts of many lines is not read as columns.
    """
    if width is None:
        lines = aligned(rows, right=right)
        return [lines[0], rule(column_widths(rows)), *lines[1:]] if ruled else lines
    if (whole := _columns(rows, width, right, ruled=ruled)) is not None:
        return whole
    for count in range(len(rows[0]) - 1, 2, -1) if keys == 1 else ():
        parts = [
            _columns([[row[number] for number in chosen] for row in rows], width, _among(chosen, right), ruled=ruled)
            for chosen in (range(count), (0, *range(count, len(rows[0]))))
        ]
        if None not in parts:
            return [*(parts[0] or ()), "", *(parts[1] or ())]
    return [line for row in rows[1:] for line in _listed(rows[0], row, keys, width)]


def wrapped(lines: Iterable[str], width: int | None) -> list[str]:
    """Lines of at most ``width`` characters, where that is given: what goes on in a further line is indented."""
    if width is None:
        return [*lines]
    return [printable(part) for line in lines for part in _parts(line, width)]


def _parts(line: str, width: int) -> list[str]:
    # Within the width nothing is changed: a line of a table has its spaces.
    return [line] if len(line) <= width else wrap(line, width, subsequent_indent="  ")


def _among(chosen: Iterable[int], right: Collection[int]) -> set[int]:
    """Where the columns that are aligned to the right are among the chosen ones."""
    return {place for place, number in enumerate(chosen) if number in right}


def _columns(rows: Sequence[Sequence[str]], width: int, right: Collection[int], *, ruled: bool) -> list[str] | None:
    """The headings and the rows; ``None`` where they have no room."""
    widths = _fit(rows, width)
    found = [_wrapped(row, widths, right) for row in rows[1:]]
    if total_width(widths) > width or max(map(len, found), default=0) > _MOST_LINES:
        return None
    lines = [line for lines in found for line in lines]
    return [*_wrapped(rows[0], widths, right), *([rule(widths)] if ruled else ()), *lines]


def _fit(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths of the columns: where a line is too long, headings are wrapped, then texts, the widest first.

    No column is narrower than its longest word.
    """
    widths = column_widths(rows)
    if total_width(widths) <= width:
        return widths
    least = [
        min(_LONGEST_WORD, max(len(word) for text in column for word in (text.split() or [""])))
        for column in zip(*rows, strict=True)
    ]
    texts = column_widths(rows[1:]) or least
    widths = [max(each) for each in zip(texts, least, strict=True)]
    while total_width(widths) > width and widths != least:
        # The widest of those that can still give.
        giver = max(range(len(widths)), key=lambda number: (widths[number] > least[number], widths[number]))
        widths[giver] -= 1
    return widths


def _wrapped(texts: Sequence[str], widths: Sequence[int], right: Collection[int]) -> list[str]:
    """One row on as many lines as its longest wrapped text needs."""
    # A text that was cut may begin with what was harmless within it.
    columns = [[printable(line) for line in wrap(text, size)] for text, size in zip(texts, widths, strict=True)]
    lines = list(zip_longest(*columns, fillvalue="")) or [("",) * len(widths)]
    return aligned(lines, widths, right=right)


def _listed(headings: Sequence[str], row: Sequence[str], keys: int, width: int) -> list[str]:
    """One row as a list: its first values, and each of the others after its column's heading."""
    pairs = zip(headings[keys:], row[keys:], strict=True)
    values = [f"{heading}: {text}" for heading, text in pairs if text not in _NOTHING]
    lines = wrap(" ".join(row[:keys]), width, subsequent_indent="    ")
    # Under a name of its own each value has a line; of a row of several keys the values are a sentence.
    for each in values if keys == 1 else ["; ".join(values)]:
        lines += wrap(each, width, initial_indent="  ", subsequent_indent="    ")
    return [printable(line) for line in lines]
