"""What a printed form is made of, before anything is measured."""

from dataclasses import dataclass, field

from lab4.analysis.tables import Column
from lab4.domain.catalogue import Catalogue

__all__ = ["Blank", "Form", "FormPart", "FormQuestion", "FormTable", "Priority", "Techniques"]


@dataclass(frozen=True, slots=True)
class Blank:
    """A printed row of one model: ``format`` is empty for the original's, ``batch_size`` ``None`` where it has none."""

    device: str
    batch_size: int | None = None
    format: str = ""


@dataclass(frozen=True, slots=True)
class Techniques:
    """Printed rows of each technique of one kind: that of the technique ``stand_in``, whose rows are there if no other.

    ``formats`` are those that are printed, the empty one for the original's; ``device`` is that of all.
    """

    stand_in: str
    device: str
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table: ``blanks`` and ``techniques`` are printed rows, all other cells of the kind and mark come after them.

    With ``{model}`` in its title there is one per model, whose rows have a name under ``name_column``: the printed one
    of its format in ``names``, or its label. In a table of all models only unmodified ones stand, under ``row_name``.
    ``foreign_note`` is for each format whose runtime stands in for another. ``notes_of_form`` hold for the models of
    the form alone. Where ``technique_kind`` is given, the cells are those of such techniques, whatever their mark.
    """

    key: str
    title: str
    kind: str
    mark: str
    columns: tuple[Column, ...]
    blanks: tuple[Blank, ...] = ()
    techniques: Techniques | None = None
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
    """A question, and the names of the drafts that answer it; with ``{models}`` it needs two, else ``alone`` is asked."""

    text: str
    drafts: tuple[str, ...]
    alone: str = ""
    drafts_alone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Priority:
    """A row of the choices: its printed name, and the rule by which it is filled."""

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part: its tables, the names of further blocks after them, its questions."""

    title: str
    tables: tuple[FormTable, ...] = ()
    further: tuple[str, ...] = ()
    questions: tuple[FormQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. ``catalogue`` holds the labels and traits of what it prints, for where no run has them.

    ``models`` are those that its rows name, in order; ``findings`` are drafts that stand beside the reflection.
    """

    name: str
    title: str
    models: tuple[str, ...]
    catalogue: Catalogue
    parts: tuple[FormPart, ...]
    blanks: tuple[str, ...]
    endings: tuple[str, ...]
    reflection: str
    reflection_words: tuple[int, int]
    findings_title: str
    findings: tuple[str, ...]
