"""Rows of texts as aligned columns."""

from collections.abc import Collection, Iterable, Sequence

_GAP = "  "


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
