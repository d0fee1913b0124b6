"""Drafts of Part 1: devices, batch sizes, models."""

from collections.abc import Iterator, Sequence

from lab4.analysis.document import Sentence
from lab4.analysis.pivot import Compared
from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio
from lab4.analysis.side_by_side import Ranking
from lab4.analysis.tables import Kind, Quantity, Row, Text
from lab4.domain.cell import TRAIN, Cell
from lab4.domain.text import counted
from lab4.worksheet.description import LATENCIES, LIMITS, Context
from lab4.worksheet.sentences import Sentences, alike, as_known, joined, of_row, say, together, versus

_BY_OVERHEAD = Text("call overhead")
#: Operations of a training step for each of inference: forward, to the inputs, to the weights.
_TRAINING_OPERATIONS = 3


def _trainings(context: Context) -> list[Ranking]:
    """How platforms rank that have trained the same."""
    return [each for each in context.rankings if each.kind == TRAIN]


def one_platform(context: Context) -> Sentences:
    """That there is nothing to compare, where training was timed on one platform."""
    table = context.table("training")
    names = {table.value(each.row, "device") for each in figures(table, "rate")}
    if len(names) != 1 or _trainings(context):  # devices of several machines have one name
        return ()
    return say(
        "Training was timed on {platform} only, so that this run does not show which platform is most efficient.",
        platform=(names.pop(), "text"),
    )


def second_platform(context: Context) -> Sentences:
    """What would make the platforms comparable, where training was timed on one."""
    words = (
        "To compare platforms, measure on a machine with another device as well: lab4 worksheet makes one worksheet of "
        "both run files."
    )
    return say(words) if one_platform(context) else ()


def platforms(context: Context) -> Iterator[Sentence]:
    """How the measured platforms rank for each model and batch size, and how fast it was trained."""
    table, observations = context.table("training"), context.observations
    ranked = {_trained(each): each for each in _trainings(context)}
    # Of several machines the table has one's figures for a cell: they are of the ranking's first only by chance.
    is_one = len({source.machine for source in observations.sources}) == 1
    groups = alike(figures(table, "rate"), "model", "batch_size")
    models = [same[0].cell.model for same in groups]
    for same in groups:
        best = highest(same)
        cell, several = best.cell, models.count(best.cell.model) > 1
        what = observations.catalogue.model(cell.model).label
        what += f" in batches of {cell.batch_size}" if several else ""
        ranking = ranked.get((cell.model, cell.batch_size))
        template = "The {what} trained at {rate} on {device}, taking {training_time}."
        rate = of_row(template, table, best.row, what=what) if is_one or ranking is None else ()
        yield from together(() if ranking is None else _ranked(ranking, what), rate)


def _trained(ranking: Ranking) -> tuple[object, object]:
    """The model and the batch size that a ranking is of."""
    model, batch = (ranking.row.level(axis) for axis in ("model", "batch"))
    return None if model is None else model.value, None if batch is None else batch.value


def training_work(context: Context) -> Iterator[Sentence]:
    """How much arithmetic training attains, against inference of the same model on the same device, and on what."""
    limits, training = context.table(LIMITS), context.table("training")
    template = (
        "Training does about three times the operations of inference for each sample (forward, then backward to the "
        "inputs and to the weights). The {model} attains {attained} in training on {device}{trained_on}, and "
        "{inference} in inference at batch {batch}{called_on}{clause}."
    )
    attained_in_calls = [each for each in figures(limits, "attained") if each.quantity.value > 0]
    for best in (highest(same) for same in alike(figures(training, "rate"), "model", "device")):
        same = [each for each in attained_in_calls if _is_original_of(context, best.cell, each.cell)]
        if same:
            most = max(same, key=lambda each: each.cell.batch_size or 0)
            batch = most.cell.batch_size or 1
            work = limits.value(most.row, "work")
            per_sample = work.value / batch if isinstance(work, Quantity) else 0.0
            attained = _times(best.quantity, _TRAINING_OPERATIONS * per_sample)
            trained_on, called_on = _cores(context, best.cell), _cores(context, most.cell)
            yield from of_row(
                template,
                training,
                best.row,
                attained=(attained, "operation_rate"),
                inference=(as_known(context, most), most.kind),
                batch=batch,
                trained_on=_on_cores(attained, trained_on),
                called_on=_on_cores(most.quantity, called_on),
                clause=_busy(attained, most.quantity) if trained_on in {None, called_on} else "",
            )
            template = (
                "The {model} attains {attained} in training on {device}{trained_on}, and {inference} in "
                "inference{called_on}{clause}."
            )


def _cores(context: Context, cell: Cell) -> int | None:
    """How many cores a cell used, where it ran on the host and the record says it."""
    observation = context.observations.at(cell)
    if observation is None or not context.observations.catalogue.device(cell.device).is_host:
        return None
    return observation.source.run.machine.training_cores if cell.kind == TRAIN else cell.threads


def _on_cores(attained: Quantity, cores: int | None) -> Sentence:
    """On how many cores that was attained, and how much by each."""
    if cores is None:
        return Sentence("")
    by_each = say(" ({each} by each)", each=(Quantity(attained.value / cores), "operation_rate")) if cores > 1 else ()
    return joined("", (*say(", on {cores}", cores=counted(cores, "core")), *by_each))


def _busy(attained: Quantity, called: Quantity) -> Sentence:
    """How much of its time training would take at the rate of calls, where it attains less than they do."""
    busy, template = attained.value / called.value, ", at which rate it would take {busy} of its time"
    return joined("", say(template, busy=(Quantity(busy), "fraction")) if busy < 1 else ())


def _times(quantity: Quantity, factor: float) -> Quantity:
    low, high = (None if end is None else factor * end for end in (quantity.low, quantity.high))
    return Quantity(factor * quantity.value, low, high)


def _of_limits(template: str, context: Context, row: Row, **parts: str) -> Sentences:
    """A sentence on a row of what limits calls, whose figures have the spread of the call's times."""
    limits = context.table(LIMITS)
    known: dict[str, tuple[Quantity, Kind]] = {
        column: (as_known(context, each), each.kind)
        for column in ("attained", "share", "overhead")
        for each in figures(limits, column)
        if each.row == row
    }
    return of_row(template, limits, row, **known, **parts)


def _is_original_of(context: Context, trained: Cell, timed: Cell) -> bool:
    """Whether a timed cell is of the trained model itself, on the same device, as it is."""
    is_plain = context.observations.catalogue.is_original(timed) and not (timed.settings or timed.runtime)
    return is_plain and (timed.model, timed.device) == (trained.model, trained.device)


def _ranked(ranking: Ranking, what: str) -> Sentences:
    """Where it trained fastest, as far as the spreads separate the platforms."""
    (best, fastest), *others = ranking.placed
    behind = [_is_faster(fastest, value) for _, value in others]
    if not any(behind):
        names = " and ".join(column.label for column, _ in ranking.placed)
        return say("The {what} trained about equally fast on {names}.", what=what, names=names)
    clauses: list[Sentence] = []
    for (column, value), is_behind in zip(others, behind, strict=True):
        template = "{times} times as fast as on {other}" if is_behind else "no clear difference from {other}"
        clauses += say(template, times=(value.behind or Quantity(1), "ratio"), other=column.label)
    return say(
        "The {what} trained fastest on {best}, with {time} an epoch: {others}.",
        what=what,
        best=best.label,
        time=(fastest.figure or Quantity(0), "seconds"),
        others=joined(", ", clauses),
    )


def _is_faster(one: Compared, other: Compared) -> bool:
    """Whether one time is shorter than another beyond what their spreads and two speeds of a machine explain."""
    known = one.figure is not None and other.figure is not None
    return known and compare(one.figure or Quantity(0), other.figure or Quantity(0)) == "lower"


def machines(context: Context) -> Sentences:
    """Of several machines, what each is."""
    names = dict.fromkeys(
        f"{source.machine} ({source.run.machine.cpu}, {source.run.machine.logical_cores} logical cores"
        f"{''.join(f', {gpu.name}' for gpu in source.run.machine.gpus)})"
        for source in context.observations.sources
    )
    several = len(names) > 1 and bool(figures(context.table("training"), "rate"))
    return say("The machines are {names}.", names="; ".join(names)) if several else ()


def batches(context: Context) -> Iterator[Sentence]:
    """The largest batch size against the smallest, per model and device."""
    table, rose = context.table("inference"), False
    template = "On {device} the {model} {effect} at batch {larger}; a call takes {longer} in place of {time}."
    for group in alike(figures(table, "rate"), "model", "device", "threads", "settings"):
        small, *others = sorted(group, key=lambda each: each.cell.batch_size or 0)
        for large in others[-1:]:
            change = compare(large.quantity, small.quantity)
            rose = rose or change == "higher"
            is_clear = change != "no clear difference"
            times = ratio(large.quantity, small.quantity)
            effect = (
                "reaches {times} times the samples/second of batch {batch}"
                if is_clear
                else ("shows no clear difference in samples/second from batch {batch}")
            )
            yield from of_row(
                template.replace("{effect}", effect),
                table,
                small.row,
                larger=(table.value(large.row, "batch"), "text"),
                longer=(table.value(large.row, "time"), "milliseconds"),
                times=(times, "ratio"),
            )
    explained = tuple(_overheads(context))
    if explained:
        shared = (
            ", and a larger batch shares it; the price is that each sample waits for the whole batch" if rose else ""
        )
        yield from say(f"Part of a call takes as long for one sample as for many{shared}.")
    yield from explained
    if explained:
        yield from say(
            "A still larger batch would gain most where call overhead is the limit, and little where compute is."
        )


def _overheads(context: Context) -> Iterator[Sentence]:
    """What of a call does not depend on the batch size, and how near the larger batch comes to the roof."""
    limits, rows = context.table(LIMITS), {row.key for row in context.table("inference").rows}
    first = "That part is {overhead} of a call of the {model} at batch {batch} on {device}."
    last = (
        "At batch {batch} the {model} attains {attained}, {share} of what the machine could, and is bound by {bound}."
    )
    shown = [each for each in figures(limits, "share") if each.row.key in rows]
    catalogue = context.observations.catalogue
    for same in alike(shown, "model", "device", "threads"):
        small, *others = sorted(same, key=lambda each: each.cell.batch_size or 0)
        names = {
            "model": catalogue.model(small.cell.model).label,
            "device": catalogue.device(small.cell.device).label,
        }
        yield from together(
            _of_limits(first, context, small.row, batch=str(small.cell.batch_size or 0), **names),
            *(
                _of_limits(last, context, each.row, batch=str(each.cell.batch_size or 0), **names)
                for each in others[-1:]
            ),
        )


def architectures(context: Context) -> Sentences:
    """Which model comes nearest to what each device can do, why, and what that means in samples per second."""
    return (*_by_roof(context), *_by_rate(context))


def _by_roof(context: Context) -> Sentences:
    limits, largest = context.table(LIMITS), context.pool.largest
    rows = {row.key for row in context.table("inference").rows}
    shown = [each for each in figures(limits, "share") if each.row.key in rows and each.cell.batch_size == largest]
    catalogue, found = context.observations.catalogue, list[Sentence]()
    better = (
        "On {device} at batch {batch} the {model} uses the hardware better: it attains {attained}, {share} of the roof."
    )
    no_better = (
        "On {device} at batch {batch} no model uses the hardware clearly better: the {model} attains {attained}, "
        "{share} of the roof."
    )
    other = "The {model} attains {attained}, {share}."
    why = "The {model} does {intensity} operations for each byte that it moves and is bound by {bound}."
    for same in alike(shown, "device", "threads"):
        best, *others = sorted(same, key=lambda each: -each.quantity.value)
        if others:
            label = catalogue.device(best.cell.device).label
            compared = compare(as_known(context, best), as_known(context, others[0]))
            finding = no_better if compared == "no clear difference" else better
            lines = [(finding, best), *((other, each) for each in others), *((why, each) for each in (best, *others))]
            found += together(
                *(
                    _of_limits(
                        template,
                        context,
                        each.row,
                        device=label,
                        batch=str(largest),
                        model=catalogue.model(each.cell.model).label,
                    )
                    for template, each in lines
                ),
                _more_of_roof(context, same),
            )
    return tuple(found)


def _more_of_roof(context: Context, shown: Sequence[Figure]) -> Sentences:
    """What would bring the models that are held back by call overhead nearer to the roof."""
    limits, label = context.table(LIMITS), context.observations.catalogue.model
    held = [label(each.cell.model).label for each in shown if limits.value(each.row, "bound") == _BY_OVERHEAD]
    template = "A larger batch, or a runtime with less overhead per call, would bring the {models} nearer to the roof."
    return say(template, models=" and the ".join(held)) if held else ()


def _by_rate(context: Context) -> Sentences:
    """The fastest model on each device, in training and in inference at the largest batch size, against the others."""
    training, inference, largest = context.table("training"), context.table("inference"), context.pool.largest
    calls = figures(inference, "rate", lambda cell: cell.batch_size == largest)
    template = "In {what} on {device} the {model} reached {rate}: {others}."
    found: list[Sentence] = []
    for table, rates, what in (
        (training, figures(training, "rate"), "training"),
        (inference, calls, f"inference at batch {largest}"),
    ):
        for same in alike(rates, "device", "threads", "settings"):
            best = highest(same)
            others = [
                versus(best, each, joined("", of_row("the {model}", table, each.row)), "throughput")
                for each in same
                if each.cell.model != best.cell.model
            ]
            if others:
                found += of_row(template, table, best.row, what=what, others=joined(", ", others))
    because = "More samples/second is not better use in itself: a model with less work for each sample reaches more."
    return (*found, *say(because)) if found else ()


def use(context: Context) -> Iterator[Sentence]:
    """How near the original comes to what its device can do, where one model is alone."""
    limits, rows = context.table(LIMITS), {row.key for row in context.table("inference").rows}
    template = "{row}: {attained}, which is {share} of the roof; bound by {bound}."
    for row in limits.rows:
        if row.key in rows:
            yield from _of_limits(template, context, row)


def latencies(context: Context) -> Sentences:
    """The lowest and the highest latency at the smallest batch size."""
    table, smallest = context.table(LATENCIES), context.pool.smallest
    found = figures(table, "time", lambda cell: cell.batch_size == smallest)
    if len(found) <= 1:
        return ()
    fast, slow = lowest(found), highest(found)
    template = "The lowest median latency is that of {row}, {fast}, and the highest that of {other}, {slow}."
    return of_row(template, table, fast.row, fast=fast, other=slow.row.name, slow=slow)
