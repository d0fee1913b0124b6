"""What a printed form is made of, before anything is measured, and what its drafts answer from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lab4.analysis.document import Block, Document, Section, Sentence
from lab4.analysis.measures import column, measured_row
from lab4.analysis.observations import Observations
from lab4.analysis.query import Figure, figures
from lab4.analysis.side_by_side import Ranking
from lab4.analysis.tables import Column, Table, Value
from lab4.domain.catalogue import Catalogue
from lab4.domain.cell import Cell, Variant
from lab4.worksheet.candidates import Pool

#: The keys of the tables of every latency, and of what limits each.
LATENCIES, LIMITS = "inference_all", "inference_roofline"


@dataclass(frozen=True, slots=True)
class Context:
    """The filled tables by the key of the form's table, or by their own where the form does not have them."""

    observations: Observations
    rankings: tuple[Ranking, ...]
    tables: dict[str, tuple[Table, ...]]
    pool: Pool
    priorities: dict[str, str]

    def table(self, key: str) -> Table:
        """The table of this key, where there is one for all models."""
        (table,) = self.tables[key]
        return table

    def value(self, measure: str, cell: Cell) -> Value:
        """What a measure says of a cell, or why it says nothing."""
        return measured_row(self.observations, cell, (column(measure),)).values[0]

    def host_latencies(self, fits: Callable[[Cell], bool]) -> tuple[Figure, ...]:
        """Median latencies on the host at the smallest batch size, in usual runtimes as they are, of cells that fit.

        Of an artifact that was timed with several numbers of threads, those with the fewest.
        """
        device = self.observations.catalogue.device

        def asked(cell: Cell) -> bool:
            is_usual = cell.batch_size == self.pool.smallest and not (cell.runtime or cell.settings)
            return is_usual and bool(device(cell.device).is_host) and fits(cell)

        found = figures(self.table(LATENCIES), "time", asked)
        fewest: dict[tuple[Variant, str, str], int] = {}
        for cell in (each.cell for each in found):
            key = cell.variant, cell.format, cell.device
            fewest[key] = min(cell.threads, fewest.get(key, cell.threads))
        return tuple(
            each for each in found if each.cell.threads == fewest[each.cell.variant, each.cell.format, each.cell.device]
        )


Draft = Callable[[Context], Iterable[Sentence]]


@dataclass(frozen=True, slots=True)
class Blank:
    """A printed row of one model: ``format`` is empty for the original's, ``batch_size`` ``None`` where it has none.

    Where ``technique`` names one, there is such a row for each technique of its kind, and one of its own if no other.
    """

    device: str
    batch_size: int | None = None
    format: str = ""
    technique: str = ""


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table: its printed rows, and after them all other cells of the kind and mark, or of such techniques only.

    With ``{model}`` in its title there is one per model, whose rows have a name under ``name_column``: the printed one
    of its format in ``names``, or its label. In a table of all models unmodified ones have rows, under ``row_name``.
    ``notes_of_form`` hold for models like the form's own, ``foreign_note`` for a format whose runtime replaces
    another.
    """

    key: str
    title: str
    kind: str
    mark: str
    columns: tuple[Column, ...]
    blanks: tuple[Blank, ...] = ()
    name_column: Column | None = None
    row_name: str = ""
    original_name: str = ""
    names: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    notes_of_form: tuple[str, ...] = ()
    foreign_note: str = ""
    technique_kind: str | None = None


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """A question and its drafts; ``alone`` is asked instead where the runs have one model."""

    text: str
    drafts: tuple[Draft, ...]
    alone: "FormQuestion | None" = None


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part: its tables, further blocks after them, its questions."""

    title: str
    tables: tuple[FormTable, ...] = ()
    further: tuple[Callable[[Context], tuple[Block, ...]], ...] = ()
    questions: tuple[FormQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form: ``document`` is its head. ``catalogue`` has what it prints, for where no run has it.

    ``models`` are those that its rows name, in order. ``other_techniques`` is the table for each kind of technique that
    it does not print, ``{kind}``. ``priorities`` are the rows of its choices, each with the name of its rule.
    ``findings`` are drafts that are listed next to the reflection.
    """

    document: Document
    models: tuple[str, ...]
    catalogue: Catalogue
    parts: tuple[FormPart, ...]
    other_techniques: FormTable
    priorities: dict[str, str]
    reflection: Section
    findings_title: str
    findings: tuple[Draft, ...]

    @property
    def batch_sizes(self) -> frozenset[int]:
        """The batch sizes of its printed rows."""
        blanks = (blank for part in self.parts for table in part.tables for blank in table.blanks)
        return frozenset(blank.batch_size for blank in blanks if blank.batch_size is not None)
