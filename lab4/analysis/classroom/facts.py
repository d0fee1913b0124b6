"""What is particular about a student's runs and may explain figures that are out of line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from lab4.analysis.classroom.submission import Submission
from lab4.analysis.distribution import system_causes, usual_probe_s
from lab4.domain.observed import Latency
from lab4.domain.outcome import Measured
from lab4.domain.run import Run

#: What a fact may change: times, what a model has learned, or what is stored of it.
Bearing = Literal["times", "quality", "size"]
#: Which way it changes times.
Direction = Literal["slower", "faster", "any"]
_TIMES: frozenset[Bearing] = frozenset({"times"})
_ALL: frozenset[Bearing] = frozenset({"times", "quality", "size"})
#: More calls than this share were contended where a machine was busy.
_BUSY = 0.1
#: A cause is a fact of the run where it was seen in this share of its latencies.
_OFTEN = 0.3
#: A machine is slower, or faster, than the class's by so much that it explains something.
_ANOTHER_SPEED = 1.25
_PROBE = "its frequency probe takes"
#: So many things of a group that differ are named.
_NAMED = 3
#: In what runs are compared: the group of a thing, what a difference is called, and what it may change.
_GROUPS: Mapping[str, tuple[str, frozenset[Bearing]]] = {
    "data": ("another data set", frozenset({"times", "quality"})),
    "profile": ("another profile", _ALL),
    "setting": ("other settings", _ALL),
    "version": ("other versions", _ALL),
    "instructions": ("other instructions of the processor", _TIMES),
    "threads": ("other settings of threads", _TIMES),
}
#: A thing that runs are compared in: its group and its name.
_Thing = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact: the same ``key`` where another student's runs have it too, in words, and what it may change.

    ``own`` is the text for the student's page, which has nothing of other students: no figure, and no name of theirs.
    ``speed`` is, of the machine's own speed, by how much times are longer or shorter for it: a ratio.
    """

    key: str
    text: str
    own: str
    bears_on: frozenset[Bearing]
    direction: Direction = "any"
    speed: float | None = None


def _own(key: str, text: str, bears_on: frozenset[Bearing], direction: Direction = "any") -> Fact:
    """A fact whose text is of the student's own runs alone."""
    return Fact(key, text, text, bears_on, direction)


@dataclass(frozen=True, slots=True)
class Usual:
    """What most students' runs have in common, and the frequency probe's median time in them, in seconds."""

    things: Mapping[_Thing, str]
    probe_s: float | None


def usual_of(students: Iterable[Sequence[Run]]) -> Usual:
    """What runs of more than half of the students have in common; each student counts once, without a run not at all.

    In what they all differ is not in it.
    """
    counts: dict[_Thing, Counter[str]] = {}
    every = [runs for runs in students if runs]
    for runs in every:
        for thing, value in dict.fromkeys(pair for run in runs for pair in _things(run).items()):
            counts.setdefault(thing, Counter())[value] += 1
    most = {thing: counter.most_common(1)[0] for thing, counter in counts.items()}
    probes = [probe_s for runs in every if (probe_s := probe_of(runs)) is not None]
    things = {thing: value for thing, (value, count) in most.items() if 2 * count > len(every)}
    return Usual(things, median(probes) if probes else None)


def _things(run: Run) -> dict[_Thing, str]:
    settings, dataset = run.settings, run.dataset
    images = f"{dataset.train_images:,} + {dataset.validation_images:,} images"
    return {
        ("data", ""): f"{dataset.name} ({images}, {dataset.sha256[:8]})",
        ("profile", ""): settings.profile,
        ("setting", "epochs"): str(settings.epochs),
        ("setting", "fine-tuning epochs"): str(settings.finetune_epochs),
        ("setting", "seed"): str(settings.seed),
        ("version", "Python"): run.machine.python,
        ("version", "lab4"): run.lab4_version,
        ("instructions", "int8"): run.machine.int8_support,
        **{("version", name): version for name, version in run.machine.libraries},
        **{("threads", name): value for name, value in run.machine.threads},
    }


def latencies_of(run: Run) -> list[Latency]:
    """The latencies that a run measured."""
    outcomes = (each.outcome for each in run.measurements)
    return [each.latency for each in outcomes if isinstance(each, Measured) and each.latency is not None]


def probe_of(runs: Sequence[Run]) -> float | None:
    """The frequency probe's median time in these runs, in seconds: how fast the machine was; ``None`` if unknown."""
    return usual_probe_s(latency for run in runs for latency in latencies_of(run))


def contended_share(run: Run) -> float | None:
    """The share of contended calls among those that were watched; ``None`` where none was."""
    flags = [latency.uncontended for latency in latencies_of(run)]
    total = sum(map(len, flags))
    return sum(each.count(False) for each in flags) / total if total else None


def facts_of(submission: Submission, usual: Usual) -> tuple[Fact, ...]:
    """What is particular about a student's runs, the likeliest explanation of a figure out of line first."""
    found: dict[str, Fact] = {}
    for run in submission.runs:
        for fact in (*_conditions(run), *_load(run), *_speed(run, usual), *_differences(run, usual), *_state(run)):
            found.setdefault(fact.key, fact)
    return tuple(found.values())


def _conditions(run: Run) -> Iterator[Fact]:
    """What the doctor saw when the run began."""
    for check, message in run.machine.conditions:
        yield _own(f"condition {check}", f"{message} (when the run began)", _TIMES, "slower")


def _load(run: Run) -> Iterator[Fact]:
    """What the contention monitor and the system saw during the calls."""
    share, latencies = contended_share(run), latencies_of(run)
    if share is not None and share > _BUSY:
        yield _own("contended", f"a busy machine: {share:.0%} of its calls shared their core", _TIMES, "slower")
    seen = Counter(cause for latency in latencies for cause in system_causes(latency))
    for cause, count in seen.most_common():
        if count >= _OFTEN * len(latencies):
            yield _own(f"cause {cause}", f"{cause} (during its calls)", _TIMES, "slower")


def _speed(run: Run, usual: Usual) -> Iterator[Fact]:
    probe_s = probe_of([run])
    if probe_s is None or usual.probe_s is None or min(probe_s, usual.probe_s) <= 0:
        return
    ratio = probe_s / usual.probe_s
    if ratio > _ANOTHER_SPEED:
        text, own = f"a slower machine: {_PROBE} {ratio:.1f} times as long", "a slower machine than most"
        yield Fact("slower", text, own, _TIMES, "slower", ratio)
    elif ratio < 1 / _ANOTHER_SPEED:
        text, own = f"a faster machine: {_PROBE} {ratio:.0%} of the time", "a faster machine than most"
        yield Fact("faster", text, own, _TIMES, "faster", ratio)


def _differences(run: Run, usual: Usual) -> Iterator[Fact]:
    """In what the run is not as most of the class's are."""
    own = _things(run)
    for group, (words, bears_on) in _GROUPS.items():
        most = {
            name: value for (of, name), value in usual.things.items() if of == group and own.get((of, name)) != value
        }
        if most:
            texts = [f"{name} {own.get((group, name), 'none')} (most: {most[name]})".strip() for name in most]
            # What the run lacks only others' runs name, and in their order.
            owns = [f"{name} {value}".strip() for (of, name), value in own.items() if of == group and name in most]
            than_most = f"{words} than most"
            text = f"{words}: {_first(texts)}"
            yield Fact(group, text, f"{than_most}: {_first(owns)}" if owns else than_most, bears_on)


def _first(texts: Sequence[str]) -> str:
    more = len(texts) - _NAMED
    return f"{', '.join(texts[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _state(run: Run) -> Iterator[Fact]:
    if run.commit.dirty:
        yield _own("changes", "changes of the code that are not committed", _ALL)
    if not run.complete:
        yield _own("interrupted", "the run was interrupted", _ALL)
