"""The words and numbers of a comparison: headings, values, marks and notes, the same in every layout."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain

from lab4.analysis.answers import OTHER_FILE, Answered, ArtifactAnswers, by_verdict
from lab4.analysis.by_kind import KindRow
from lab4.analysis.figures import FigureTraits
from lab4.analysis.pivot import NOT_IN_RUN, Compared, Pivot, PivotRow
from lab4.analysis.side_by_side import SideBySide
from lab4.analysis.tables import KINDS, Kind, Quantity
from lab4.domain.text import counted, listed
from lab4.report.units import number, unit

#: Differences of each side that are shown, and rows that are named; the JSON has all.
_MOST, _NAMED = 12, 3
_ANSWERS = "outputs of the same file for the same examples, by their SHA-256 and some of their values:"
_ANSWERS_TABLE = (
    "outputs of the same file for the same examples; same: the same bits; near: within the rounding of its format; "
    "with the largest difference, as a share of the output's scale:"
)
#: So many places are compared in sentences, more in a table.
_PAIR = 2
_FORMAT, _RUNTIME = "format", "runtime"
_BEST, _NEAR, _ABSENT = "*", "=", "-"
#: From here on an uncertainty has no number.
_ENDLESS = 10.0
#: Below it a share has a decimal; it is what rounds to 1%.
_PERCENT = 0.0095


class Detail(IntEnum):
    """How much of each value is shown, the most first: without intervals of ratios, without any."""

    FULL = 2
    SHORT = 1
    BARE = 0


@dataclass(frozen=True, slots=True)
class ShownPivot:
    """A table as every layout shows it; rows with one figure are notes.

    ``columns`` are the numbers of those with a figure in one of the ``rows``. ``all_axes`` has a runtime only where no
    format names it; ``axes`` are those in which the rows differ, at least one, so that a row has a name. ``kind`` is
    what figures are printed as.
    """

    found: SideBySide
    pivot: Pivot
    rows: tuple[PivotRow, ...]
    columns: tuple[int, ...]
    all_axes: tuple[str, ...]
    axes: tuple[str, ...]
    kind: Kind

    def parts(self, row: PivotRow, column: int, detail: Detail = Detail.FULL) -> tuple[str, str, str, str, str]:
        """A value in its parts: number, uncertainty, mark, ratio or difference, and the interval of that."""
        value = row.values[column]
        if value.figure is None:
            return _ABSENT, "", "", "", ""
        against, interval = ("", "") if column == self.found.reference else self._against(value.against)
        return (
            number(value.figure.value, self.kind),
            self._uncertainty(value.figure) if detail >= Detail.SHORT else "",
            _mark(row, value),
            against,
            interval if detail is Detail.FULL else "",
        )

    def _uncertainty(self, figure: Quantity) -> str:
        """The further end of the interval: in percent of the figure, or in the figure's own unit."""
        if figure.low is None or figure.high is None:
            return ""
        further = max(figure.high - figure.value, figure.value - figure.low)
        if not self.pivot.figure.has_ratio:
            return f"±{number(further, self.kind)}"
        if further >= _ENDLESS * figure.value:
            return f"±>{_ENDLESS:.0%}"
        share = further / figure.value
        return f"±{share:.1%}" if share < _PERCENT else f"±{share:.0%}"

    def _against(self, found: Quantity | None) -> tuple[str, str]:
        """How many times as good as the reference, or how much better, and its interval."""
        if found is None:
            return "", ""
        whole = f"{self._written(found.value)}{'x' if self.pivot.figure.has_ratio else ''}"
        if found.low is None or found.high is None:
            return whole, ""
        return whole, f"({self._written(found.low)} to {self._written(found.high)})"

    def _written(self, value: float) -> str:
        if self.pivot.figure.has_ratio:
            return number(value, "ratio")
        shown = number(value, "points" if self.pivot.figure.quantity == "share" else self.kind)
        return shown if shown.startswith(("+", "-")) or not value else f"+{shown}"


def shown_pivots(found: SideBySide) -> Iterator[ShownPivot]:
    """The tables as they are shown."""
    for pivot in found.pivots:
        rows = tuple(row for row in pivot.rows if row.is_compared)
        columns = tuple(index for index, _ in enumerate(found.columns) if any(row.values[index].figure for row in rows))
        axes = dict.fromkeys(axis for row in pivot.rows for axis, _ in row.levels)
        named = naming(axes)
        yield ShownPivot(found, pivot, rows, columns, named, distinguishing(named, rows) or named[:1], _kind(pivot))


def naming(axes: Iterable[str]) -> tuple[str, ...]:
    """The axes without the runtime, where a format names it."""
    there = tuple(axes)
    return tuple(axis for axis in there if axis != _RUNTIME or _FORMAT not in there)


def distinguishing(axes: Sequence[str], rows: Sequence[PivotRow | KindRow]) -> tuple[str, ...]:
    """The axes in which rows differ."""
    return tuple(axis for axis in axes if len({level_text(row, axis) for row in rows}) > 1)


def _kind(pivot: Pivot) -> Kind:
    most = max((value.figure.value for row in pivot.rows for value in row.values if value.figure), default=0.0)
    return printed_kind(pivot.figure, most)


def printed_kind(figure: FigureTraits, most: float) -> Kind:
    """What a figure of a table is printed as, whose largest value is ``most``."""
    kind = KINDS[figure.quantity]
    if kind == "percent":
        return "share"  # two decimals: small differences count
    return "seconds" if kind == "milliseconds" and most >= 1 else kind


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """Whether files computed the same in several places: a row for each artifact, and notes on what is not known."""

    heading: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def answer_table(found: Sequence[ArtifactAnswers]) -> AnswerTable | None:
    """The table, where there are more than two places; artifacts that are the same everywhere are a note."""
    places = list(dict.fromkeys(place for each in found for place in (each.reference, *each.by_place)))
    if len(places) <= _PAIR:
        return None
    same = [each for each in found if len(each.answered) == len(places) - 1 and _is_same(each)]
    known = [each for each in found if each not in same and any(one.verdict for one in each.answered)]
    rows = [(each.artifact, *(_answer(each, place) for place in places)) for each in known]
    notes = [f"same bits on all {len(places)}: {_some([each.artifact for each in same])}"] if same else []
    reasons: dict[tuple[str, str], list[str]] = {}
    for each in found:
        for answered in each.answered:
            if answered.verdict is None:
                # Of many machines each may have a file of its own: which one says nothing.
                reason = (
                    answered.reason.partition(" (")[0] if answered.reason.startswith(OTHER_FILE) else answered.reason
                )
                reasons.setdefault((reason, each.artifact), []).append(answered.place)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (reason, artifact), names in reasons.items():
        alike.setdefault((reason, tuple(names)), []).append(artifact)
    notes += [f"not known in {_some(names)} ({why}): {_some(artifacts)}" for (why, names), artifacts in alike.items()]
    notes += [
        f"predictions that are right in one of {each.reference} and {answered.place} only: {answered.changed:,} of "
        f"{answered.examples:,}: {each.artifact}"
        for each in found
        for answered in each.answered
        if answered.changed and answered.verdict != "same bits"
    ]
    notes += _varying(found)
    return AnswerTable(_ANSWERS_TABLE, ("artifact", *places), tuple(rows), tuple(notes))


def _is_same(found: ArtifactAnswers) -> bool:
    return not found.varying and all(each.verdict == "same bits" for each in found.answered)


def _answer(found: ArtifactAnswers, place: str) -> str:
    """What a place computed, in a word, with how far it is from the reference."""
    if place == found.reference:
        return "reference"
    answered = found.by_place.get(place)
    if answered is None or answered.verdict is None:
        return _ABSENT if answered is None or answered.reason == NOT_IN_RUN else "?"
    apart = "" if answered.furthest is None else f" {answered.furthest:.1g}"
    return {"same bits": "same", "within tolerance": f"near{apart}", "other answers": f"OTHER{apart}"}[answered.verdict]


def _some(names: Sequence[str]) -> str:
    return listed(names, _MOST, "; ")


def _varying(found: Sequence[ArtifactAnswers]) -> list[str]:
    return [
        f"not the same from run to run in {', '.join(each.varying)}: {each.artifact}" for each in found if each.varying
    ]


def answers(found: Sequence[ArtifactAnswers]) -> list[str]:
    """Whether files computed the same in two places, a line for each verdict under a heading; empty without any."""
    lines = []
    for verdict, pairs in by_verdict(found):
        said: dict[str, list[str]] = {}
        for artifact, answered in pairs:
            said.setdefault(_how(artifact, answered), []).append(artifact.artifact)
        lines += [f"  {verdict}, {how}: {'; '.join(artifacts)}" for how, artifacts in said.items()]
    lines += [f"  {each}" for each in _varying(found)]
    return [_ANSWERS, *lines] if lines else []


def _how(artifact: ArtifactAnswers, found: Answered) -> str:
    """Who is compared with whom, and how far apart they are or why that is not known."""
    places = f"{found.place} and {artifact.reference}"
    if found.verdict is None:
        return f"{places} ({found.reason})"
    if found.verdict == "same bits":
        return places
    if found.furthest is None:
        apart = "the outputs have other names, types or shapes, or are no numbers"
    else:
        apart = (
            f"up to {found.furthest:.2g} of the output's scale in {found.values:,} values, "
            f"{found.tolerance:.2g} by rounding"
        )
    changed = f"; {found.changed:,} of {found.examples:,} predictions are right in one only" if found.examples else ""
    return f"{places} ({apart}{changed})"


def differences(found: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """What differs in each side, as a line; sides with the same differences share one."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, phrases in found:
        alike.setdefault(tuple(phrases), []).append(name)
    return [difference(", ".join(names), phrases) for phrases, names in alike.items()]


def difference(name: str, differences: Sequence[str]) -> str:
    """What differs in one side, as one line."""
    shown = list(differences[:_MOST])
    if len(differences) > _MOST:
        shown.append(f"and {len(differences) - _MOST} more")
    return f"{name}: {'; '.join(shown) or 'nothing differs in hardware, software and settings'}"


def heading(table: ShownPivot, detail: Detail = Detail.FULL) -> str:
    """Kind, figure and unit, which way is better, what an interval is, and what all rows share."""
    figure, words = table.pivot.figure, unit(table.kind)
    runs = {value.runs for value in _values(table.pivot.rows) if value.figure and value.figure.low is not None}
    spreads = [figure.spread] if 1 in runs and figure.spread else []
    spreads += ["95% interval between runs"] if max(runs, default=0) > 1 else []
    better = "higher" if figure.higher_is_better else "lower"
    facts = [f"{figure.label}{f' ({words})' if words else ''}, {better} is better"]
    facts += [f"±: {' or '.join(spreads)}"] if spreads and detail >= Detail.SHORT else []
    shared = _named(table.rows[0], [axis for axis in table.all_axes if axis not in table.axes])
    facts += [f"all: {shared}"] if shared else []
    return f"{table.pivot.kind or 'benchmarks'}: {'; '.join(facts)}"


def _values(rows: Iterable[PivotRow]) -> Iterator[Compared]:
    return chain.from_iterable(row.values for row in rows)


def _named(row: PivotRow, axes: Sequence[str]) -> str:
    return ", ".join(filter(None, (_phrase(axis, row) for axis in axes)))


def _phrase(axis: str, row: PivotRow) -> str:
    """A level by itself, where nothing above it names its axis; empty where it is no news."""
    level = row.level(axis)
    if level is None or level.value == "":
        return ""
    return f"{axis} {level_text(row, axis)}" if isinstance(level.value, int) else level_text(row, axis)


def level_text(row: PivotRow | KindRow, axis: str) -> str:
    """The label of a row's level; a format with its runtime, where that is not the usual one."""
    level, runtime = row.level(axis), row.level(_RUNTIME)
    if level is None:
        return ""
    return f"{level.label}, {runtime.label}" if axis == _FORMAT and runtime and runtime.value else level.label


def _mark(row: PivotRow, value: Compared) -> str:
    """What is best; nothing where all are equally good."""
    if all(each.is_best for each in row.values if each.figure is not None):
        return ""
    return _BEST if value.is_best else _NEAR if value.is_near_best else ""


def notes(tables: Sequence[ShownPivot]) -> list[str]:
    """What is missing and why, what only one column has, and what is left out: each once for a kind of cell."""
    return list(dict.fromkeys(note for table in tables for note in _own_notes(table)))


def _own_notes(table: ShownPivot) -> Iterator[str]:
    columns, pivot = table.found.columns, table.pivot
    absent = Counter(
        (column.label, value.reason)
        for row in table.rows
        for index, (column, value) in enumerate(zip(columns, row.values, strict=True))
        if value.figure is None and (index in table.columns or value.reason != NOT_IN_RUN)
    )
    for (name, reason), count in absent.items():
        yield f"not measured in {name}, {_counted(count)}: {reason}"
    alone: dict[str, list[PivotRow]] = {}
    for row in pivot.rows:
        if not row.is_compared:
            alone.setdefault(_only(table.found, row), []).append(row)
    axes = distinguishing(table.all_axes, pivot.rows) or table.all_axes
    for why, rows in alone.items():
        named = "; ".join(_named(row, axes) for row in rows[:_NAMED])
        more = f"; and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        yield f"not compared: {_counted(len(rows))} {why}: {named}{more}"
    yield from (f"left out, {counted(each.cells, 'cell')}: {each.reason}" for each in pivot.left_out)


def _counted(rows: int) -> str:
    return f"{rows} row{'s' if rows > 1 else ''}"


def _only(found: SideBySide, row: PivotRow) -> str:
    """Where a row's only figure is, and why the other columns have none, where they say more than that."""
    has = next(column.label for column, value in zip(found.columns, row.values, strict=True) if value.figure)
    reasons = dict.fromkeys(value.reason for value in row.values if value.figure is None)
    return f"in {has} only (elsewhere {'; '.join(reasons)})"


def legend(tables: Sequence[ShownPivot], best: str = _BEST) -> str:
    """What the marks and ratios mean; ``best`` is how the best is marked."""
    found = tables[0].found
    reference = found.columns[found.reference].label
    rows = [row for table in tables for row in table.rows]
    marks = {_mark(row, value) for row in rows for value in row.values}
    has_ratio = {table.pivot.figure.has_ratio for table in tables}
    with_interval = [value for value in _values(rows) if value.figure and value.figure.low is not None]
    said = {
        f"{best}: best of its row": _BEST in marks,
        f"{_NEAR}: not distinguished from the best by the intervals": _NEAR in marks,
        f"x: times as good as {reference}": True in has_ratio,
        f"+ and -: better and worse than {reference}": False in has_ratio,
        "in brackets, where there is room: the interval of that (--json has all)": any(
            value.against and value.against.low is not None for value in _values(rows)
        ),
        "the interval of a single run does not include run-to-run noise": any(
            value.runs == 1 for value in with_interval
        ),
    }
    return "; ".join(text for text, is_so in said.items() if is_so)
