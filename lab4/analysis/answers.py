"""Whether one file computed the same in several places: on two machines, two devices, or in two runtimes.

Integer arithmetic depends on the processor (sums of 8-bit products may saturate where it lacks VNNI), so that the same
bytes may give other answers. What cannot be said has its reason: another file, other examples, an older record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lab4.analysis.pivot import ACTUAL_RUNTIME, MACHINE, NOT_IN_RUN, ComparedCell, ComparedSide, compared_cells
from lab4.domain.cell import EXAMINE
from lab4.domain.figures import CellFigures
from lab4.domain.observed import Answers, KeptOutput

#: What two places computed of one file: the same bits, nearly the same, or something else.
Verdict = Literal["same bits", "within tolerance", "other answers"]

#: What distinguishes places, and what the artifacts in them.
_PLACES = (MACHINE, "device", ACTUAL_RUNTIME)
_ARTIFACT = ("model", "technique", "format")
_NO_DIGEST = "its record has no digest of the outputs: an earlier lab4 wrote it; measure again"
#: What a reason begins with where the files are not the same.
OTHER_FILE = "another file"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Answered:
    """What one place computed, against the reference's.

    ``file`` is the SHA-256 of both their files. ``furthest`` is the largest difference of the ``values`` that both
    records keep, as a share of the output's scale, and ``tolerance`` what rounding may do to it; ``None`` where outputs
    have other names, dtypes or shapes, or no numbers. ``changed`` of ``examples`` are right in one of both only; there
    are none where no metric is known example by example. Without a ``verdict``, ``reason`` says why there is none.
    """

    place: str
    verdict: Verdict | None
    file: str = ""
    furthest: float | None = None
    tolerance: float = 0.0
    values: int = 0
    changed: int = 0
    examples: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactAnswers:
    """An artifact's answers in each place against those in the ``reference``.

    ``varying`` are places whose own runs of one file had other bits from run to run.
    """

    artifact: str
    reference: str
    answered: tuple[Answered, ...]
    varying: tuple[str, ...] = ()

    @property
    def by_place(self) -> dict[str, Answered]:
        """The answers by their places, in order."""
        return {each.place: each for each in self.answered}


def compared_answers(sides: Sequence[ComparedSide], first: ComparedSide) -> tuple[ArtifactAnswers, ...]:
    """Compare what every artifact answered in several places; the reference is the first that has a digest.

    Places of the side ``first`` come before the others'. An artifact that is in one place only has no entry.
    """
    ordered = [first, *(side for side in sides if side is not first)]
    examined = (each for each in compared_cells(ordered) if each.kind == EXAMINE)
    artifacts: dict[tuple[object, ...], list[ComparedCell]] = {}
    for each in examined:
        artifacts.setdefault(tuple(each.levels[axis].value for axis in _ARTIFACT), []).append(each)
    return tuple(_artifact(found) for found in artifacts.values() if len(found) > 1)


def _artifact(cells: Sequence[ComparedCell]) -> ArtifactAnswers:
    places = _labels(cells)
    number = next((number for number, each in enumerate(cells) if any(map(_has_answers, each.runs))), 0)
    others = [index for index in range(len(cells)) if index != number]
    return ArtifactAnswers(
        ", ".join(cells[0].levels[axis].label for axis in _ARTIFACT if cells[0].levels[axis].value != ()),
        places[number],
        tuple(_answered(places[index], cells[number].runs, cells[index].runs) for index in others),
        tuple(place for place, each in zip(places, cells, strict=True) if _varies(each.runs)),
    )


def _labels(cells: Sequence[ComparedCell]) -> list[str]:
    """A name for each place: its machine, and where they differ its device and its runtime."""
    named = [
        axis
        for axis in _PLACES
        if axis == MACHINE or len({each.levels[axis] for each in cells if axis in each.levels}) > 1
    ]
    return [" ".join(each.levels[axis].label for axis in named if axis in each.levels) for each in cells]


def _has_answers(figures: CellFigures) -> bool:
    return figures.answers is not None and bool(figures.artifact)


def _varies(runs: Sequence[CellFigures]) -> bool:
    """Whether runs of one file on the same examples had several digests."""
    found: dict[tuple[str, str], set[str]] = {}
    for each in runs:
        if each.answers is not None:
            found.setdefault((each.artifact, each.answers.examples_sha256), set()).add(each.answers.sha256)
    return any(len(digests) > 1 for digests in found.values())


def _answered(place: str, reference: Sequence[CellFigures], other: Sequence[CellFigures]) -> Answered:
    """The last run of the place against the last of the reference that had the same file and examples."""
    for theirs in reversed(other):
        for ours in reversed(reference):
            if not _unknown(ours, theirs) and ours.answers is not None and theirs.answers is not None:
                return _compared(place, ours, theirs, ours.answers, theirs.answers)
    if not other or not reference:
        return Answered(place, None, reason=NOT_IN_RUN)
    return Answered(place, None, reason=_unknown(reference[-1], other[-1]))


def _unknown(ours: CellFigures, theirs: CellFigures) -> str:
    """Why two records do not say whether they computed the same; empty where they do."""
    for each in (theirs, ours):
        if each.state != "measured":
            return each.reason or each.state
        if each.answers is None or not each.artifact:
            return _NO_DIGEST
    if ours.artifact != theirs.artifact:
        return f"{OTHER_FILE} ({ours.artifact[:_SHOWN]} and {theirs.artifact[:_SHOWN]})"
    examples = {each.answers.examples_sha256 for each in (ours, theirs) if each.answers is not None}
    return "other examples were predicted" if len(examples) > 1 else ""


def _compared(place: str, ours: CellFigures, theirs: CellFigures, one: Answers, other: Answers) -> Answered:
    changed, examples = _changed(ours.correct, theirs.correct)
    furthest = furthest_of(one.outputs, other.outputs)
    return Answered(
        place,
        verdict_of(one, other),
        ours.artifact,
        furthest,
        max(one.rounding, other.rounding),
        0 if furthest is None else sum(len(each.values) for each in one.outputs.values()),
        changed,
        examples,
    )


def verdict_of(one: Answers, other: Answers) -> Verdict:
    """Whether outputs of one file for the same examples are the same; which of the two is first does not matter."""
    if one.sha256 == other.sha256:
        return "same bits"
    furthest = furthest_of(one.outputs, other.outputs)
    is_near = furthest is not None and furthest <= max(one.rounding, other.rounding)
    return "within tolerance" if is_near else "other answers"


def furthest_of(one: Mapping[str, KeptOutput], other: Mapping[str, KeptOutput]) -> float | None:
    """The largest difference of kept values as a share of the output's scale; ``None`` where none can be compared.

    That is so for outputs of other names, dtypes or shapes, and where one has no values, such as a text.
    """
    if one.keys() != other.keys() or not one:
        return None
    shares = []
    for name, mine in one.items():
        its = other[name]
        if (mine.dtype, mine.shape, len(mine.values)) != (its.dtype, its.shape, len(its.values)) or not mine.values:
            return None
        shares.append(_share(mine, its))
    return max(shares)


def _share(one: KeptOutput, other: KeptOutput) -> float:
    # A damaged record may have values beyond its scale.
    scale = max(one.scale, other.scale, *map(abs, one.values), *map(abs, other.values))
    return max(abs(a / scale - b / scale) for a, b in zip(one.values, other.values, strict=True)) if scale else 0.0


def _changed(one: Sequence[bool] | None, other: Sequence[bool] | None) -> tuple[int, int]:
    if one is None or other is None or len(one) != len(other):
        return 0, 0
    return sum(a != b for a, b in zip(one, other, strict=True)), len(one)


def by_verdict(found: Sequence[ArtifactAnswers]) -> Iterator[tuple[str, list[tuple[ArtifactAnswers, Answered]]]]:
    """The pairs of each verdict, the worst last but for those that are not known; verdicts without any are left out."""
    order: tuple[Verdict | None, ...] = ("same bits", "within tolerance", "other answers", None)
    for verdict in order:
        pairs = [(each, answered) for each in found for answered in each.answered if answered.verdict == verdict]
        if pairs:
            yield verdict or "not known", pairs
