"""Drafts of Parts 2 to 5: precision, techniques, formats, what to recommend."""

from collections.abc import Sequence

from lab4.analysis.document import Prose
from lab4.analysis.judging import COMPARISON_LATENCY
from lab4.analysis.query import Figure, figures, highest, lowest
from lab4.analysis.tables import Quantity, Row, Table, Value
from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.cell import Cell
from lab4.worksheet.context import Context, alike, text_of
from lab4.worksheet.sentences import (
    Sentences,
    against,
    clear_loss,
    every,
    extremes,
    joined,
    of_row,
    say,
    together,
    versus,
)

__all__ = [
    "balance",
    "below_1_mb",
    "efficient",
    "format_latency",
    "format_sizes",
    "int8",
    "loading",
    "on_other_techniques",
    "phone_format",
    "precision",
    "pruned_latency",
    "pruning",
    "pruning_and_quantization",
    "smartphone",
]

#: The kind of technique, the precision, the rule and the size in bytes that the form asks about.
_PRUNING, _COARSE, _PHONE, _SMALL_BYTES = "pruning", "int8", "mobile", 1_000_000
_AT_MOST_NAMED = 3


def balance(context: Context) -> Sentences:
    """The largest reduction among those without a clear loss, or else the largest there is."""
    template = "{table}: {row} made the file {reduction} smaller, to {size}."
    sentences = []
    for table in context.tables["quantization"]:
        found = figures(table, "reduction")
        harmless = tuple(each for each in found if not _is_clearly_worse(table.value(each.row, "loss")))
        sentences.append(_best(template, table, harmless or found))
    return every(sentences)


def _best(template: str, table: Table, found: Sequence[Figure]) -> Sentences:
    """A sentence on the row with the highest of these figures, and its loss; nothing where there is none."""
    if not found:
        return ()
    row = highest(tuple(found)).row
    return together(of_row(template, table, row), against(table, row, "loss", "original"))


def _is_clearly_worse(value: Value) -> bool:
    return isinstance(value, Quantity) and value.low is not None and value.low > 0


def precision(context: Context) -> Sentences:
    """Every loss of accuracy, by format."""
    sentences = []
    for table in context.tables["quantization"]:
        losses = [
            clause
            for each in figures(table, "loss")
            for loss in clear_loss(each.quantity)
            for clause in say("{row}: {loss}", row=each.row.name, loss=loss)
        ]
        template = "{table}, against the original on the same examples: {losses}."
        sentences.append(say(template, table=table.title, losses=joined("; ", losses)) if losses else ())
    return every(sentences)


def int8(context: Context) -> Sentences:
    """Each int8 file's size and accuracy, then its latency against full precision in the same container."""
    catalogue = context.observations.catalogue
    template = "{table}: {row}, which runs in {runtime}, has {size}."
    return every(
        together(
            of_row(template, table, each.row, runtime=catalogue.runtime_label(each.cell)),
            against(table, each.row, "loss", "original"),
            _int8_latency(context, each.row.name, each.cell),
        )
        for table in context.tables["quantization"]
        for each in figures(table, "size", lambda cell: catalogue.format(cell.format).precision == _COARSE)
    )


def _int8_latency(context: Context, name: str, cell: Cell) -> Sentences:
    fmt = context.observations.catalogue.format
    mine = context.host_latencies(lambda each: (each.variant, each.format) == (cell.variant, cell.format))
    full = context.host_latencies(
        lambda each: (
            each.variant == cell.variant
            and fmt(each.format).container == fmt(cell.format).container
            and fmt(each.format).precision == FULL_PRECISION
        )
    )
    if not mine or not full:
        return say("Its latency and that of full precision in the same container were not both measured.")
    one, other = lowest(mine), lowest(full)
    compared = versus(one, other, fmt(other.cell.format).label, "latency")
    template = "At batch {batch} {name} took {one}: {compared}, {other}."
    return say(template, batch=context.smallest, name=name, one=one, compared=compared, other=other)


def _is_pruned(context: Context, cell: Cell) -> bool:
    catalogue = context.observations.catalogue
    kinds = {catalogue.technique(name).kind for name in cell.techniques}
    return _PRUNING in kinds and not catalogue.is_control(cell.variant)


def pruning(context: Context) -> Sentences:
    """What pruning alone achieved: zeros, sizes, and its own loss."""
    template = (
        "{table}: {row} has {sparsity} zero weights; it is {reduction} smaller on disk and {gzip_reduction} smaller "
        "gzipped: zeros compress."
    )
    model = context.observations.catalogue.model
    return every(
        together(of_row(template, table, each.row), against(table, each.row, "control_loss", "control"))
        for table in context.tables["pruning"]
        for each in figures(table, "sparsity", lambda cell: _is_pruned(context, cell))
        if each.cell.format == model(each.cell.model).original_format
    )


def pruning_and_quantization(context: Context) -> Sentences:
    """What saves most of what is both pruned and of lower precision."""
    fmt = context.observations.catalogue.format
    template = "{table}: {row} saves most, {reduction} on disk and {gzip_reduction} gzipped, down to {size} and {gzip}."

    def is_both(cell: Cell) -> bool:
        return _is_pruned(context, cell) and fmt(cell.format).precision not in {None, FULL_PRECISION}

    return every(
        _best(template, table, figures(table, "gzip_reduction", is_both)) for table in context.tables["pruning"]
    )


def pruned_latency(context: Context) -> Sentences:
    """Each pruned variant against the unmodified model, in the format in which that is fastest."""
    plain = {_artifact(each): each for each in context.host_latencies(lambda cell: not cell.techniques)}
    clauses: list[Sentences] = []
    for same in alike(context.host_latencies(lambda cell: _is_pruned(context, cell)), "variant"):
        pairs = [(each, plain[_artifact(each)]) for each in same if _artifact(each) in plain]
        if pairs:
            pruned, other = min(pairs, key=lambda pair: pair[1].quantity.value)
            compared = versus(pruned, other, "the original", "latency")
            clauses.append(say("{name} took {time}: {compared}", name=pruned.row.name, time=pruned, compared=compared))
    if not clauses:
        return say("No latency of a pruned model and of its original was measured in this run.")
    caveat = (
        "The gzipped sizes show fewer bytes to send and to store; time or energy saved on hardware with sparse kernels "
        "was not measured in this run."
    )
    return (*say("Measured on this machine: {clauses}.", clauses=joined("; ", every(clauses))), *say(caveat))


def _artifact(figure: Figure) -> tuple[str, str]:
    return figure.cell.model, figure.cell.format


def on_other_techniques(context: Context) -> tuple[Prose, ...]:
    """What techniques of kinds that the form does not print promise and achieved."""
    sized = "{table}: {row} is {reduction} smaller on disk and {gzip_reduction} smaller gzipped."
    found = every(
        together(
            of_row(sized, table, each.row),
            of_row("It promises {promises}.", table, each.row),
            against(table, each.row, "loss", "original"),
        )
        for table in context.tables["technique"]
        for each in figures(table, "reduction", lambda cell: bool(cell.techniques))
    )
    return (Prose(found),) if found else ()


def format_sizes(context: Context) -> Sentences:
    """The smallest and the largest format of each model."""
    only, alike_ = "{table}: only {row} was measured, {size}.", "{table}: every format measured has {size}."
    differ = (
        "{table}: {row} is smallest with {size}, {relative} of the original; {other} is largest with {most}. They "
        "differ in what each keeps besides the weights and in how it packs them."
    )
    without = "{table}: {row} is smallest with {size}; {other} is largest with {most}."
    return every(
        extremes(table, "size", only, alike_, differ) or extremes(table, "size", only, alike_, without)
        for table in context.tables["deployment"]
    )


def loading(context: Context) -> Sentences:
    """The format that loads fastest, and the slowest."""
    only = "{table}: only the loading of {row} was measured, {loading}."
    same = "{table}: loading takes {loading} in every format measured."
    differ = "{table}: {row} loads fastest, in {loading}, {other} slowest, in {most}."
    return every(extremes(table, "loading", only, same, differ) for table in context.tables["deployment"])


def format_latency(context: Context) -> Sentences:
    """The fastest and the slowest format of each unmodified model on the host."""
    label = context.observations.catalogue.format_label
    sentences = []
    for same in alike(context.host_latencies(lambda cell: not cell.techniques), "model"):
        fast, slow = lowest(same), highest(same)
        template = "At batch {batch} the {model} takes {least} in {fast} and {most} in {slow} on this host."
        if len(same) == 1:
            template = "At batch {batch} only {fast} was timed for the {model} on this host: {least}."
        sentences.append(
            of_row(
                template,
                context.latencies,
                fast.row,
                fast=label(fast.cell),
                least=fast,
                slow=label(slow.cell),
                most=slow,
            )
        )
    return every(sentences) or say("Latency by format was not measured in this run.")


def phone_format(context: Context) -> Sentences:
    """What the rule for phones chose, and the rule."""
    template = (
        "By the rule of Part 5 ({rule}) it is {best}: {size}, {latency} of {judging} at batch {smallest}, accuracy "
        "loss {loss}. That latency was measured on this machine; no phone was measured."
    )
    return _on_phone(context, template)


def smartphone(context: Context) -> Sentences:
    """What the rule for phones chose, and what would be next."""
    template = (
        "From these figures one would begin with {best}: {latency} of {judging} at batch {smallest} on this host, "
        "{size}, and an accuracy loss of {loss}."
    )
    caveat = (
        "On the phone itself, with its accelerator, latency and accuracy have to be measured again: no phone was "
        "measured in this run."
    )
    found = _on_phone(context, template)
    return (*found, *_on_phone(context, "Next would be {runner_up}."), *say(caveat)) if found else ()


def _on_phone(context: Context, template: str) -> Sentences:
    rows = zip(context.priorities.values(), context.choices.rows, context.rules.rows, strict=True)
    return every(
        of_row(
            template,
            context.choices,
            choice,
            latency=(context.rules.value(how, "latency"), "milliseconds"),
            rule=text_of(context.rules, how, "rule"),
            judging=COMPARISON_LATENCY,
            smallest=context.smallest,
        )
        for rule, choice, how in rows
        if rule == _PHONE
    )


def efficient(context: Context) -> Sentences:
    """The most accuracy per byte."""
    template = (
        "{row}, with {efficiency}: {accuracy} accuracy in {size} on disk. A ratio like this favours small files, "
        "whatever they lose."
    )
    found = figures(context.candidates, "efficiency")
    return of_row(template, context.candidates, highest(found).row) if found else ()


def below_1_mb(context: Context) -> Sentences:
    """The most accurate candidates of less than 1 MB."""
    table = context.candidates
    sizes = figures(table, "size")
    small = {each.row.key for each in sizes if each.quantity.value < _SMALL_BYTES}
    if not small:
        template = "Nothing measured is below 1 MB; the smallest is {row}."
        return of_row(template, table, lowest(sizes).row) if sizes else ()
    accurate = sorted(figures(table, "accuracy"), key=lambda each: -each.quantity.value)
    named = [_named(table, each.row) for each in accurate if each.row.key in small][:_AT_MOST_NAMED]
    return say(
        "{few} of {all} candidates are below 1 MB on disk. The most accurate of them: {named}.",
        few=len(small),
        all=len(table.rows),
        named=joined("; ", every(named)),
    )


def _named(table: Table, row: Row) -> Sentences:
    template = "{row} with {size} and {accuracy} accuracy"
    losses = clear_loss(table.value(row, "loss"))
    compared = every(
        of_row(f"{template}, {{lost}} against the most accurate original", table, row, lost=loss) for loss in losses
    )
    return compared or of_row(template, table, row)
