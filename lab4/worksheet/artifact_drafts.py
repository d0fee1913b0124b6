"""Drafts of Parts 2 to 5: precision, techniques, formats, what to recommend."""

from collections.abc import Callable, Iterator, Sequence

from lab4.analysis.distribution import COMPARISON_LATENCY
from lab4.analysis.document import Prose, Sentence
from lab4.analysis.query import Figure, figures, highest, lowest
from lab4.analysis.tables import NotMeasured, Quantity, Table, Value
from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.cell import Cell
from lab4.domain.outcome import Failed
from lab4.worksheet.description import LATENCIES, Context
from lab4.worksheet.sentences import (
    Sentences,
    against,
    alike,
    clear_loss,
    extremes,
    joined,
    of_row,
    say,
    together,
    versus,
)

#: The kind of technique, the precision, the rule and the size in bytes that the form asks about.
_PRUNING, _COARSE, _PHONE, _SMALL_BYTES = "pruning", "int8", "mobile", 1_000_000
_AT_MOST_NAMED = 3


def missing(key: str, column: str) -> Callable[[Context], Iterator[Sentence]]:
    """A draft that says which rows of a table of the form lack a figure and why, a sentence for each reason."""

    def draft(context: Context) -> Iterator[Sentence]:
        rows: dict[str, dict[str, None]] = {}
        for table in context.tables[key]:
            for row in table.rows:
                value = table.value(row, column)
                if isinstance(value, NotMeasured | Failed):
                    outcome = "failed" if isinstance(value, Failed) else "not measured"
                    rows.setdefault(f"{outcome}: {value.reason}", {})[row.name] = None
        for reason, names in rows.items():
            yield from say("No figure for {rows} ({reason}).", rows="; ".join(names), reason=reason)

    return draft


def balance(context: Context) -> Iterator[Sentence]:
    """The largest reduction among those without a clear loss, or else the largest there is."""
    for table in context.tables["quantization"]:
        found = figures(table, "reduction")
        harmless = [each for each in found if not _is_clearly_worse(table.value(each.row, "loss"))]
        yield from _best("{table}: {row} made the file {reduction} smaller, to {size}.", table, harmless or found)


def _best(template: str, table: Table, found: Sequence[Figure]) -> Sentences:
    """A sentence on the row with the highest of these figures, and its loss; nothing where there is none."""
    if not found:
        return ()
    row = highest(tuple(found)).row
    return together(of_row(template, table, row), against(table, row, "loss", "original"))


def _is_clearly_worse(value: Value) -> bool:
    return isinstance(value, Quantity) and value.low is not None and value.low > 0


def precision(context: Context) -> Iterator[Sentence]:
    """Every loss of accuracy, by format."""
    for table in context.tables["quantization"]:
        losses = [
            clause
            for each in figures(table, "loss")
            for clause in say("{row}: {loss}", row=each.row.name, loss=joined("", clear_loss(each.quantity)))
        ]
        if losses:
            template = "{table}, against the original on the same examples: {losses}."
            yield from say(template, table=table.title, losses=joined("; ", losses))


def int8(context: Context) -> Iterator[Sentence]:
    """Each int8 file's size and accuracy, then its latency against full precision in the same container."""
    catalogue = context.observations.catalogue
    template = "{table}: {row}, which runs in {runtime}, has {size}."
    for table in context.tables["quantization"]:
        for each in figures(table, "size", lambda cell: catalogue.format(cell.format).precision == _COARSE):
            yield from together(
                of_row(template, table, each.row, runtime=catalogue.runtime_label(each.cell)),
                against(table, each.row, "loss", "original"),
                _int8_latency(context, each),
            )


def _int8_latency(context: Context, file: Figure) -> Sentences:
    traits, variant, fmt = context.observations.catalogue.format, file.cell.variant, file.cell.format
    same = context.host_latencies(lambda cell: cell.variant == variant)
    mine = tuple(each for each in same if each.cell.format == fmt)
    full = tuple(
        each
        for each in same
        if traits(each.cell.format).container == traits(fmt).container
        and traits(each.cell.format).precision == FULL_PRECISION
    )
    if not mine or not full:
        return say("Its latency and that of full precision in the same container were not both measured.")
    one, other = lowest(mine), lowest(full)
    compared = versus(one, other, traits(other.cell.format).label, "latency")
    template = "At batch {batch} {name} took {one}: {compared}, {other}."
    return say(template, batch=str(context.pool.smallest), name=file.row.name, one=one, compared=compared, other=other)


def _is_pruned(context: Context, cell: Cell) -> bool:
    catalogue = context.observations.catalogue
    kinds = {catalogue.technique(name).kind for name in cell.techniques}
    return _PRUNING in kinds and not catalogue.is_control(cell.variant)


def pruning(context: Context) -> Iterator[Sentence]:
    """What pruning alone achieved: zeros, sizes, and its own loss."""
    template = (
        "{table}: {row} has {sparsity} zero weights; it is {reduction} smaller on disk and {gzip_reduction} smaller "
        "gzipped: zeros compress."
    )
    model = context.observations.catalogue.model
    for table in context.tables["pruning"]:
        for each in figures(table, "sparsity", lambda cell: _is_pruned(context, cell)):
            if each.cell.format == model(each.cell.model).original_format:
                losses = against(table, each.row, "control_loss", "control")
                yield from together(of_row(template, table, each.row), losses)


def pruning_and_quantization(context: Context) -> Iterator[Sentence]:
    """What saves most of what is both pruned and of lower precision."""
    fmt = context.observations.catalogue.format
    template = "{table}: {row} saves most, {reduction} on disk and {gzip_reduction} gzipped, down to {size} and {gzip}."

    def is_both(cell: Cell) -> bool:
        return _is_pruned(context, cell) and fmt(cell.format).precision not in {None, FULL_PRECISION}

    for table in context.tables["pruning"]:
        yield from _best(template, table, figures(table, "gzip_reduction", is_both))


def pruned_latency(context: Context) -> Iterator[Sentence]:
    """Each pruned variant against the unmodified model, in the format in which that is fastest."""
    plain = {_artifact(each): each for each in context.host_latencies(lambda cell: not cell.techniques)}
    clauses: list[Sentence] = []
    for same in alike(context.host_latencies(lambda cell: _is_pruned(context, cell)), "variant"):
        pairs = [(each, plain[_artifact(each)]) for each in same if _artifact(each) in plain]
        if pairs:
            pruned, other = min(pairs, key=lambda pair: pair[1].quantity.value)
            compared = versus(pruned, other, "the original", "latency")
            clauses += say("{name} took {time}: {compared}", name=pruned.row.name, time=pruned, compared=compared)
    if not clauses:
        yield from say("No latency of a pruned model and of its original was measured in this run.")
        return
    yield from say("Measured on this machine: {clauses}.", clauses=joined("; ", clauses))
    yield from say(
        "The gzipped sizes show fewer bytes to send and to store; time or energy saved on hardware with sparse kernels "
        "was not measured in this run."
    )


def _artifact(figure: Figure) -> tuple[str, str]:
    return figure.cell.model, figure.cell.format


def on_other_techniques(context: Context) -> tuple[Prose, ...]:
    """What techniques of kinds that the form does not print promise and achieved."""
    sized = "{table}: {row} is {reduction} smaller on disk and {gzip_reduction} smaller gzipped."
    found = tuple(
        sentence
        for table in context.tables["technique"]
        for each in figures(table, "reduction", lambda cell: bool(cell.techniques))
        for sentence in together(
            of_row(sized, table, each.row),
            of_row("It promises {promises}.", table, each.row),
            against(table, each.row, "loss", "original"),
        )
    )
    return (Prose(found),) if found else ()


def format_sizes(context: Context) -> Iterator[Sentence]:
    """The smallest and the largest format of each model."""
    only, same = "{table}: only {row} was measured, {size}.", "{table}: every format measured has {size}."
    differ = (
        "{table}: {row} is smallest with {size}, {relative} of the original; {other} is largest with {most}. They "
        "differ in what each keeps besides the weights and in how it packs them."
    )
    without = "{table}: {row} is smallest with {size}; {other} is largest with {most}."
    for table in context.tables["deployment"]:
        yield from extremes(table, "size", only, same, differ) or extremes(table, "size", only, same, without)


def loading(context: Context) -> Iterator[Sentence]:
    """The format that loads fastest, and the slowest."""
    only = "{table}: only the loading of {row} was measured, {loading}."
    same = "{table}: loading takes {loading} in every format measured."
    differ = "{table}: {row} loads fastest, in {loading}, {other} slowest, in {most}."
    for table in context.tables["deployment"]:
        yield from extremes(table, "loading", only, same, differ)


def format_latency(context: Context) -> Iterator[Sentence]:
    """The fastest and the slowest format of each unmodified model on the host."""
    label, table = context.observations.catalogue.format_label, context.table(LATENCIES)
    groups = alike(context.host_latencies(lambda cell: not cell.techniques), "model")
    for same in groups:
        fast, slow = lowest(same), highest(same)
        template = "At batch {batch} the {model} takes {least} in {fast} and {most} in {slow} on this host."
        if len(same) == 1:
            template = "At batch {batch} only {fast} was timed for the {model} on this host: {least}."
        names = {"fast": label(fast.cell), "slow": label(slow.cell)}
        yield from of_row(template, table, fast.row, least=fast, most=slow, **names)
    if not groups:
        yield from say("Latency by format was not measured in this run.")


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
    choices, rules = context.table("choices"), context.table("rules")
    number = list(context.priorities.values()).index(_PHONE)
    how = rules.rows[number]
    return of_row(
        template,
        choices,
        choices.rows[number],
        latency=(rules.value(how, "latency"), "milliseconds"),
        rule=(rules.value(how, "rule"), "text"),
        judging=COMPARISON_LATENCY,
        smallest=str(context.pool.smallest),
    )


def efficient(context: Context) -> Sentences:
    """The most accuracy per byte."""
    template = (
        "{row}, with {efficiency}: {accuracy} accuracy in {size} on disk. A ratio like this favours small files, "
        "whatever they lose."
    )
    table = context.table("candidates")
    found = figures(table, "efficiency")
    return of_row(template, table, highest(found).row) if found else ()


def below_1_mb(context: Context) -> Sentences:
    """The most accurate candidates of less than 1 MB."""
    table = context.table("candidates")
    sizes = figures(table, "size")
    small = {each.row.key for each in sizes if each.quantity.value < _SMALL_BYTES}
    if not small:
        template = "Nothing measured is below 1 MB; the smallest is {row}."
        return of_row(template, table, lowest(sizes).row) if sizes else ()
    accurate = sorted(figures(table, "accuracy"), key=lambda each: -each.quantity.value)
    rows = [each.row for each in accurate if each.row.key in small][:_AT_MOST_NAMED]
    named: list[Sentence] = []
    for row in rows:
        template, losses = "{row} with {size} and {accuracy} accuracy", clear_loss(table.value(row, "loss"))
        if losses:
            template += ", {lost} against the most accurate original"
        named += of_row(template, table, row, lost=joined("", losses))
    return say(
        "{few} of {all} candidates are below 1 MB on disk. The most accurate of them: {named}.",
        few=len(small),
        all=len(table.rows),
        named=joined("; ", named),
    )
