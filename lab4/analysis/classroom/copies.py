"""What several students handed in: the same file, the same run in another file, the same samples, the same answers.

A clock counts nanoseconds, and calls scatter by hundreds of them: two runs do not have the same series of eight or more
different times by chance. Nor do two students write the same twelve words or more.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeVar

from lab4.analysis.classroom.submission import HandedIn, Submission
from lab4.domain.identity import identity
from lab4.domain.outcome import Measured

#: What is the same, the plainest first.
CopyKind = Literal["file", "run", "samples", "answers"]
#: So many different times make a series unique.
_UNIQUE = 8
#: And so many words an answer.
_UNIQUE_WORDS = 12

#: The index of a submission, and one of its files.
_Placed = tuple[int, HandedIn]
#: What a file has several of: series of samples, or answers as their words.
_Part = TypeVar("_Part", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Copy:
    """Files of two students or more that are copies, as pairs of a submission's index and a file's name.

    ``same`` of ``total`` series of samples, or answers, are the same, the fewest of any two files that have some in
    common; of a file or a run all are.
    """

    kind: CopyKind
    files: tuple[tuple[int, str], ...]
    same: int = 0
    total: int = 0

    @property
    def students(self) -> tuple[int, ...]:
        """The indices of the submissions, each once."""
        return tuple(dict.fromkeys(index for index, _ in self.files))


def copies(submissions: Sequence[Submission]) -> tuple[Copy, ...]:
    """Copies between students; those of files that are the same in a plainer way are left out."""
    files = [(index, each) for index, submission in enumerate(submissions) for each in submission.files]
    found: list[Copy] = []
    named = [(index, each.name) for index, each in files]
    samples = _shared("samples", named, [set(_series(each)) for _, each in files])
    for copy in (*_grouped(files, "file", _digest), *_grouped(files, "run", _run), *samples, *_of_answers(submissions)):
        if not any(set(copy.files) <= set(other.files) for other in found):
            found.append(copy)
    return tuple(found)


def _digest(each: HandedIn) -> Hashable:
    return each.sha256


def _run(each: HandedIn) -> Hashable:
    return identity(each.run)


def _grouped(files: Sequence[_Placed], kind: CopyKind, key: Callable[[HandedIn], Hashable]) -> Iterator[Copy]:
    """Files of one key that several students handed in."""
    groups: dict[Hashable, list[tuple[int, str]]] = {}
    for index, each in files:
        groups.setdefault(key(each), []).append((index, each.name))
    yield from (Copy(kind, tuple(group)) for group in groups.values() if len({index for index, _ in group}) > 1)


def _of_answers(submissions: Sequence[Submission]) -> Iterator[Copy]:
    """Answers of several students that are the same, but for spaces and capital letters."""
    written = {
        index: {text for each in submission.answers if len(text := tuple(each.lower().split())) >= _UNIQUE_WORDS}
        for index, submission in enumerate(submissions)
    }
    named = [(index, "answers") for index, own in written.items() if own]
    return _shared("answers", named, [written[index] for index, _ in named])


def _shared(kind: CopyKind, files: Sequence[tuple[int, str]], parts: Sequence[set[_Part]]) -> Iterator[Copy]:
    """Files of several students that have parts in common, or are joined by others that do."""
    holders: dict[_Part, dict[int, None]] = {}
    for place, own in enumerate(parts):
        for part in own:
            holders.setdefault(part, {})[place] = None
    shared = Counter(pair for places in holders.values() for pair in combinations(places, 2))
    pairs = {pair: same for pair, same in shared.items() if files[pair[0]][0] != files[pair[1]][0]}
    for places in _joined(pairs):
        same = min(same for pair, same in pairs.items() if pair[0] in places)
        yield Copy(kind, tuple(files[place] for place in places), same, min(len(parts[place]) for place in places))


def _joined(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The numbers that pairs join, directly or by way of others, in order."""
    groups: dict[int, set[int]] = {}
    for one, other in pairs:
        joined = groups.get(one, {one}) | groups.get(other, {other})
        groups |= dict.fromkeys(joined, joined)
    return sorted({min(group): sorted(group) for group in groups.values()}.values())


def _series(each: HandedIn) -> Iterator[tuple[float, ...]]:
    """The series of samples of a file that are unique."""
    for measurement in each.run.measurements:
        samples = measurement.outcome.timing_s if isinstance(measurement.outcome, Measured) else ()
        if len(set(samples)) >= _UNIQUE:
            yield samples
