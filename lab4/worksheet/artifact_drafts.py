"""Drafts of Parts 2 to 5: precision, techniques, formats, what to recommend."""

from collections.abc import Callable, Iterator, Sequence

from lab4.analysis.distribution import COMPARISON_LATENCY
from lab4.analysis.document import Prose, Sentence
from lab4.analysis.lower_precision import pairs_of, times_as_fast, verdict
from lab4.analysis.query import Figure, compare, figures, highest, lowest
from lab4.analysis.tables import NotMeasured, Quantity, Table, Value
from lab4.analysis.why_not_faster import reasons
from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.outcome import Failed
from lab4.worksheet.description import LATENCIES, LIMITS, Context
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
_LEAST_COMPARED = 2
#: Bytes of a weight by its precision.
_WIDTHS = {FULL_PRECISION: 4, "float16": 2, "int16": 2, _COARSE: 1}


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
    """The largest reduction among those without a clear loss, or else the largest there is, and where it comes from."""
    for table in context.tables["quantization"]:
        found = figures(table, "reduction")
        harmless = [each for each in found if not _is_clearly_worse(table.value(each.row, "loss"))]
        chosen = harmless or found
        said = _best("{table}: {row} made the file {reduction} smaller, to {size}.", table, chosen)
        if said:
            yield from together(said, _bytes_of_weights(context, highest(tuple(chosen)).cell))


def _bytes_of_weights(context: Context, cell: Cell) -> Sentences:
    """How many bytes a weight takes in the cell's format, where its precision has a width."""
    width = _WIDTHS.get(context.observations.catalogue.format(cell.format).precision or "")
    full = _WIDTHS[FULL_PRECISION]
    if width is None or width == full:
        return ()
    return say("A weight takes {width} of the {full} bytes of float32 in it.", width=width, full=full)


def _best(template: str, table: Table, found: Sequence[Figure]) -> Sentences:
    """A sentence on the row with the highest of these figures, and its loss; nothing where there is none."""
    if not found:
        return ()
    row = highest(tuple(found)).row
    return together(of_row(template, table, row), against(table, row, "loss", "original"))


def _is_clearly_worse(value: Value) -> bool:
    return isinstance(value, Quantity) and value.low is not None and value.low > 0


def precision(context: Context) -> Iterator[Sentence]:
    """Whether lower precision costs accuracy: which formats lose clearly, every loss, and how alike the answers are."""
    for table in context.tables["quantization"]:
        losses = figures(table, "loss")
        worse = [each.row.name for each in losses if _is_clearly_worse(table.value(each.row, "loss"))]
        clauses = [
            clause
            for each in losses
            for clause in say("{row} {loss}", row=each.row.name, loss=joined("", clear_loss(each.quantity)))
        ]
        if clauses:
            finding = "{table}: accuracy falls clearly with {worse}." if worse else "{table}: no format loses clearly."
            yield from together(
                say(finding, table=table.title, worse=" and ".join(worse)),
                say("Against the original on the same examples: {losses}.", losses=joined("; ", clauses)),
                _alike(context, table),
            )


def _alike(context: Context, table: Table) -> Sentences:
    """How often the file whose answers differ most names the original's class."""
    cells = [row.cell for row in table.rows if row.cell is not None]
    known = [(value, cell) for cell in cells if isinstance(value := context.value("agreement", cell), Quantity)]
    if not known:
        return ()
    least, cell = min(known, key=lambda each: each[0].value)
    if least.value >= 1:
        return say("Every format names the same class as the original for every example.")
    template = (
        "Of all formats {format} differs most: it names the same class as the original for {same} of the examples."
    )
    return say(template, format=context.observations.catalogue.format_label(cell), same=(least, "fraction"))


def int8(context: Context) -> Iterator[Sentence]:
    """What each int8 file gains and costs against float32 in its runtime, and if it is not faster, why."""
    catalogue = context.observations.catalogue
    template = "{table}: {row}, which runs in {runtime}, has {size}."
    found = False
    for table in context.tables["quantization"]:
        for each in figures(table, "size", lambda cell: catalogue.format(cell.format).precision == _COARSE):
            found = True
            yield from together(
                of_row(template, table, each.row, runtime=catalogue.runtime_label(each.cell)),
                against(table, each.row, "loss", "original"),
                _int8_speed(context, each),
            )
    if found:
        yield from say(
            "It suits deployments that are short of storage, memory or time, such as phones and microcontrollers, if "
            "the loss above is acceptable there."
        )


def _int8_speed(context: Context, file: Figure) -> Sentences:
    """How many times as fast as float32 it is in the same runtime at the smallest batch size, or why it is not."""
    observations, cell = context.observations, file.cell
    timed = [
        each
        for each in observations.where(
            LATENCY, variant=cell.variant, format=cell.format, runtime="", batch_size=context.pool.smallest, settings=()
        )
        if observations.catalogue.device(each.cell.device).is_host
    ]
    for pair in pairs_of(observations, timed):
        ratio = times_as_fast(pair)
        if ratio is not None and pair.full is not None:
            judged = verdict(ratio)
            batch, times = str(context.pool.smallest), Sentence("{}", ((ratio, "ratio"),))
            if judged == "faster":
                template = "At batch {batch} it is {times} times as fast as float32 in the same runtime."
                return say(template, batch=batch, times=times)
            why = reasons(observations, pair.lower, pair.full, is_slower=judged == "slower").found
            template = "At batch {batch} it is not faster: {times} times the speed of float32 in the same runtime{why}."
            because = f", because {'; '.join(why)}" if why else ""
            return say(template, batch=batch, times=times, why=because)
    return say("Its latency and that of full precision in the same container were not both measured.")


def _is_pruned(context: Context, cell: Cell) -> bool:
    catalogue = context.observations.catalogue
    kinds = {catalogue.technique(name).kind for name in cell.techniques}
    return _PRUNING in kinds and not catalogue.is_control(cell.variant)


def pruning(context: Context) -> Iterator[Sentence]:
    """What pruning alone achieved: zeros, sizes, and its own loss."""
    template = (
        "{table}: {row} has {sparsity} zero weights, and its file is {reduction} smaller on disk: a zero takes as many "
        "bytes as any weight. Gzipped it is {gzip_reduction} smaller."
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
    clauses, differ = list[Sentence](), False
    for same in alike(context.host_latencies(lambda cell: _is_pruned(context, cell)), "variant"):
        pairs = [(each, plain[_artifact(each)]) for each in same if _artifact(each) in plain]
        if pairs:
            pruned, other = min(pairs, key=lambda pair: pair[1].quantity.value)
            compared = versus(pruned, other, "the original in that format", "latency")
            differ |= compare(pruned.quantity, other.quantity) != "no clear difference"
            clauses += say("{name} took {time}: {compared}", name=pruned.row.name, time=pruned, compared=compared)
    if not clauses:
        yield from say("No latency of a pruned model and of its original was measured in this run.")
        return
    yield from say("Measured on this machine: {clauses}.", clauses=joined("; ", clauses))
    if differ:
        return
    yield from say(
        "The kernels that ran are dense: they multiply zeros like other numbers, so that a call does the same "
        "operations. Kernels for sparse weights, or the removal of whole channels, would do fewer; neither ran here. "
        "What remains is fewer bytes to send and to store, gzipped."
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
    """The smallest and the largest format of each model, and what they keep besides the weights."""
    only, same = "{table}: only {row} was measured, {size}.", "{table}: every format measured has {size}."
    differ = "{table}: {row} is smallest with {size}, {relative} of the original; {other} is largest with {most}."
    without = "{table}: {row} is smallest with {size}; {other} is largest with {most}."
    for table in context.tables["deployment"]:
        said = extremes(table, "size", only, same, differ) or extremes(table, "size", only, same, without)
        yield from together(said, _beside_weights(context, table))


def _beside_weights(context: Context, table: Table) -> Sentences:
    """What the smallest and the largest file hold besides their weights, where both have weights of one width."""
    found = figures(table, "size")
    if len(found) < _LEAST_COMPARED:
        return ()
    small, large = lowest(found), highest(found)
    traits = context.observations.catalogue.format
    weights = _weight_bytes(context, small.cell)
    if weights is None or traits(small.cell.format).precision != traits(large.cell.format).precision:
        return ()
    rest, most = (each.quantity.value - weights for each in (small, large))
    if min(rest, most) < 0 or small.quantity.value == large.quantity.value:
        return ()
    template = (
        "Both keep the same weights, {weights}; structure and names take {rest} in the one and {most} in the other."
    )
    return say(
        template,
        weights=(Quantity(weights), "bytes"),
        rest=(Quantity(rest), "kilobytes"),
        most=(Quantity(most), "kilobytes"),
    )


def _weight_bytes(context: Context, cell: Cell) -> float | None:
    """The bytes of the weights: what a call at one example moves, less what grows with the examples."""
    limits = context.table(LIMITS)
    moved = {
        each.cell.batch_size: each.quantity.value
        for each in figures(limits, "bytes")
        if (each.cell.variant, each.cell.format) == (cell.variant, cell.format)
    }
    sizes = sorted(size for size in moved if size is not None)
    if len(sizes) < _LEAST_COMPARED:
        return None
    small, large = sizes[0], sizes[-1]
    return moved[small] - small * (moved[large] - moved[small]) / (large - small)


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
        runner_up=(rules.value(how, "runner_up"), "text"),
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
