"""The machines of a report: their kinds, which of them differ from their kind, and whether all computed the same."""

from collections.abc import Mapping, Sequence

from lab4.analysis.answers import ArtifactAnswers, compared_answers
from lab4.analysis.document import Block, Prose, Section, Sentence
from lab4.analysis.figures import figures_of
from lab4.analysis.kinds import kind_label, kinds_of, unusual_machines
from lab4.analysis.observations import in_order, machine_names, machine_of
from lab4.analysis.pivot import NOT_IN_RUN, ComparedSide
from lab4.analysis.tables import Column, NotApplicable, NotMeasured, Row, Table, Text, Value
from lab4.domain.figures import RunFigures
from lab4.domain.run import Run

_NOTE = (
    "Outputs of the same file for the same examples, against those of the reference. Within rounding: no kept value is "
    "further away than the rounding of its format."
)


def machine_section(runs: Sequence[Run]) -> Section | None:
    """The section, where there are several machines."""
    runs = in_order(runs)
    names = machine_names(runs)
    if len(names) < 2:  # noqa: PLR2004  # one has no other to be compared with
        return None
    machines = {name: [figures_of(run) for run in runs if machine_of(run) == place] for place, name in names.items()}
    sides = [ComparedSide(name, own) for name, own in machines.items()]
    answered = compared_answers(sides, sides[0])
    blocks: list[Block] = [Prose(tuple(_kinds(machines)), "Kinds of machines")]
    if answered:
        blocks.append(_answers(answered))
    return Section("Machines side by side", tuple(blocks))


def _kinds(machines: Mapping[str, Sequence[RunFigures]]) -> list[Sentence]:
    """A sentence for each kind, and for each machine that is slower or noisier than its kind."""
    lines = []
    for names in kinds_of(machines).values():
        label = kind_label(machines[names[0]][-1].machine)
        alone = len(names) == 1
        same = ": the same hardware under several names, so machines of one kind, or one that changed its name"
        lines.append(f"{', '.join(names)}: {label}{'' if alone else same}.")
    lines += [f"{each.reason}." for each in unusual_machines(machines)]
    return [Sentence("{}", ((Text(line), "text"),)) for line in lines]


def _answers(found: Sequence[ArtifactAnswers]) -> Table:
    places = list(dict.fromkeys(place for each in found for place in (each.reference, *each.by_place)))
    columns = (Column("artifact", "Artifact", "text"), *(Column(place, place, "text", place) for place in places))
    rows = [
        Row(each.artifact, each.artifact, (Text(each.artifact), *(_answer(each, place) for place in places)))
        for each in found
    ]
    return Table("answers", "Whether every machine computed the same", columns, tuple(rows), (_NOTE,))


def _answer(found: ArtifactAnswers, place: str) -> Value:
    answered = found.by_place.get(place)
    if place == found.reference:
        return Text("reference")
    if answered is None:
        return NotApplicable()
    if answered.verdict is None:
        return NotMeasured(answered.reason or NOT_IN_RUN)
    changed = f", {answered.changed:,} of {answered.examples:,} predictions" if answered.changed else ""
    return Text(f"{answered.verdict}{changed}".replace("tolerance", "rounding"))
