"""What a page of a site is made of, as its template and its scripts read it.

Links are relative to the site's folder. A `DataTable` is drawn by the page's script from JSON: a thousand runs are a
tenth of the size that they have as HTML, and filters, sorting and charts work on the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lab4.analysis.site.selection import Named
from lab4.analysis.tables import Kind
from lab4.report.units import heading_unit, scaled, shown_decimals

#: Digits of a figure in a page's data: two more than are shown, so that ratios of them are right.
_DIGITS = 5
#: How a column of a `DataTable` is drawn: ``axis`` values are filtered by and have a name and a label, ``pick`` values
#: are texts, ``link`` values are a text and a link, ``run`` is the number of a run, ``amount`` a number to sort by and
#: its text, ``level`` a figure of a machine, which the chosen machine's is the reference of.
ColumnType = Literal["axis", "pick", "link", "run", "number", "level", "amount", "text"]
Linked = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DataColumn:
    """A column: its key for scripts, its heading, and the values that its rows name by their index."""

    key: str
    name: str
    type: ColumnType
    values: Sequence[Any] = ()
    decimals: int | None = None
    machine: str = ""
    hidden: bool = False

    def plain(self) -> dict[str, Any]:
        """The column as JSON; what is not set is left out."""
        found: dict[str, Any] = {"key": self.key, "name": self.name, "type": self.type}
        rest = {"values": list(self.values), "decimals": self.decimals, "machine": self.machine, "hidden": self.hidden}
        return found | {name: value for name, value in rest.items() if value not in ([], None, "", False)}


@dataclass(frozen=True, slots=True)
class DataTable:
    """Rows for the page's script, of which so many at ``most`` are shown until a reader asks for all."""

    key: str
    title: str
    columns: tuple[DataColumn, ...]
    rows: list[list[Any]]
    note: str = ""
    most: int = 200
    empty: str = "There is nothing to show."

    @property
    def data(self) -> dict[str, Any]:
        """The table as JSON."""
        return {"columns": [column.plain() for column in self.columns], "rows": self.rows}


@dataclass(frozen=True, slots=True)
class SiteChart:
    """A chart of the rows of the `DataTable` of this key.

    ``uses`` says how: ``rows`` with the ``field`` of each, or the ``ratios`` of levels to those of the chosen machine.
    """

    title: str
    note: str
    specification: dict[str, Any]
    table: str
    field: str = ""
    uses: Literal["rows", "ratios"] = "rows"


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A short table as HTML: rows of texts, each with a link or an empty text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Linked, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what is known under them, each with a link or an empty text."""

    title: str
    pairs: tuple[tuple[str, Linked], ...]


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Sentences, and lines of code to copy."""

    title: str
    texts: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """A list of links."""

    title: str
    links: tuple[Linked, ...]


Block = DataTable | SiteChart | PlainTable | Facts | Paragraphs | Links


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of one value, or of all where ``any_label`` is not empty, which a permanent link keeps."""

    key: str
    label: str
    values: tuple[Named, ...]
    any_label: str = "all"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it is in the site's folder, its title, what is said at its head, and its parts."""

    path: str
    title: str
    lead: tuple[str, ...]
    blocks: tuple[Block, ...]
    filters: tuple[Filter, ...] = ()
    crumbs: tuple[Linked, ...] = field(default=())

    @property
    def root(self) -> str:
        """The way from the page to the site's folder."""
        return "../" * self.path.count("/")

    @property
    def has_charts(self) -> bool:
        """Whether anything is drawn on it."""
        return any(isinstance(block, SiteChart) for block in self.blocks)


def plain_link(text: str) -> Linked:
    """A text without a link."""
    return text, ""


def figure_value(value: float | None, kind: Kind) -> float | None:
    """A figure in the unit that people read, for a page's data."""
    return None if value is None else float(f"{scaled(value, kind):.{_DIGITS}g}")


def figure_column(key: str, label: str, kind: Kind) -> DataColumn:
    """A column of figures of a kind."""
    return DataColumn(key, f"{capital(label)}{heading_unit(kind)}", "number", decimals=shown_decimals(kind))


def capital(label: str) -> str:
    """A label as the beginning of a heading.

    >>> capital("peak memory"), capital("F1")
    ('Peak memory', 'F1')
    """
    return f"{label[:1].upper()}{label[1:]}"


class Picked:
    """The values of a column, each once, in the order in which rows name them."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}

    def place(self, value: Any) -> int:  # noqa: ANN401  # what a column's values are
        """The index of a value."""
        return self._places.setdefault(value, len(self._places))

    @property
    def values(self) -> list[Any]:
        """All values, by their index."""
        return list(self._places)
