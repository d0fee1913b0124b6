"""Drafts of Parts 2 to 5: precision, techniques, formats, what to recommend."""

from collections.abc import Callable, Iterator, Sequence

from lab4.analysis.distribution import COMPARISON_LATENCY, two_digits
from lab4.analysis.document import Prose, Sentence
from lab4.analysis.lower_precision import pairs_of, times_as_fast, verdict
from lab4.analysis.query import Figure, compare, figures, highest, lowest, ratio
from lab4.analysis.tables import Kind, NotApplicable, NotMeasured, Quantity, Table, Value
from lab4.analysis.why_not_faster import reasons
from lab4.domain.catalogue import FULL_PRECISION
from lab4.domain.cell import LATENCY, Cell
from lab4.domain.outcome import Failed
from lab4.worksheet.description import LATENCIES, LIMITS, Context
from lab4.worksheet.sentences import (
    Sentences,
    against,
    alike,
    as_known,
    clear_loss,
    extremes,
    joined,
    model_of,
    of_row,
    say,
    together,
    versus,
    with_control,
)

#: The kind of technique, the precision, the rules and the size in bytes that the form asks about.
_PRUNING, _COARSE, _PHONE, _TRADE_OFF, _SMALL_BYTES = "pruning", "int8", "mobile", "trade_off", 1_000_000
_AT_MOST_NAMED = 3
_LEAST_COMPARED = 2
#: A smaller share of a file is nothing to speak of.
_LEAST_SAVED = 0.001
#: By so much files may differ and have the same three digits.
_NOT_SHOWN = (0.001, 0.005, 0.01)
#: More than half.
_MOST = 0.5
#: Bytes of a weight by its precision.
_WIDTHS = {FULL_PRECISION: 4, "float16": 2, "int16": 2, _COARSE: 1}


def missing(key: str, column: str) -> Callable[[Context], Iterator[Sentence]]:
    """A draft that says which rows of a table of the form lack a figure and why, a sentence for each reason."""

    def draft(context: Context) -> Iterator[Sentence]:
        rows: dict[str, dict[str, None]] = {}
        for table in context.tables[key]:
            of_model = f"{model_of(context, table)}, " if len(context.tables[key]) > 1 else ""
            for row in table.rows:
                value = table.value(row, column)
                if isinstance(value, NotMeasured | Failed):
                    outcome = "failed" if isinstance(value, Failed) else "not measured"
                    rows.setdefault(f"{outcome}: {value.reason}", {})[f"{of_model}{row.name}"] = None
        for reason, names in rows.items():
            yield from say("No figure for {rows} ({reason}).", rows="; ".join(names), reason=reason)

    return draft


def balance(context: Context) -> Iterator[Sentence]:
    """What balances size and accuracy best, where that comes from, and what would be next."""
    for table in context.tables["quantization"]:
        chosen = _without_clear_loss(table)
        said = _balanced(context, table, chosen)
        if said and chosen:
            best = highest(chosen)
            said = together(said, _bytes_of_weights(context, best.cell), _next(table, best, chosen))
        yield from said


def best_balance(context: Context) -> Iterator[Sentence]:
    """What balances size and accuracy best."""
    for table in context.tables["quantization"]:
        yield from _balanced(context, table, _without_clear_loss(table))


def _smaller_ones(table: Table) -> tuple[Figure, ...]:
    """The size reductions of what is smaller than the original, and of which the loss is known."""
    return tuple(
        each
        for each in figures(table, "reduction")
        if each.quantity.value >= _LEAST_SAVED and isinstance(table.value(each.row, "loss"), Quantity)
    )


def _without_clear_loss(table: Table) -> tuple[Figure, ...]:
    """Those of them that lose no accuracy clearly."""
    return tuple(each for each in _smaller_ones(table) if not _is_clearly_worse(table.value(each.row, "loss")))


def _balanced(context: Context, table: Table, chosen: tuple[Figure, ...]) -> Sentences:
    """The best of the chosen, or where all that is smaller loses clearly, that and what loses least."""
    model, losses = model_of(context, table), {each.row.key: each.quantity for each in figures(table, "loss")}
    if chosen:
        template = "For the {model} the best balance is {row}: {reduction} smaller, {size}."
        return _best(template, table, chosen, model=model)
    least = min(_smaller_ones(table), key=lambda each: losses[each.row.key].value, default=None)
    if least is None:
        return ()
    template = (
        "For the {model} everything smaller loses accuracy clearly. {row} loses least: {reduction} smaller, {size}."
    )
    return _best(template, table, (least,), model=model)


def _next(table: Table, best: Figure, chosen: tuple[Figure, ...]) -> Sentences:
    """What would be taken if the loss were too large."""
    others = tuple(each for each in chosen if 0 < each.quantity.value < best.quantity.value)
    template = "If that were too large a change, {row} would be next, {reduction} smaller."
    return of_row(template, table, highest(others).row) if others else ()


def _bytes_of_weights(context: Context, cell: Cell) -> Sentences:
    """How many bytes a weight takes in the cell's format, where its precision has a width."""
    width = _WIDTHS.get(context.observations.catalogue.format(cell.format).precision or "")
    full = _WIDTHS[FULL_PRECISION]
    if width is None or width == full:
        return ()
    template = "Each of its weights takes {bytes} in place of the {full} bytes of float32."
    return say(template, bytes=f"{width} byte{'s' if width > 1 else ''}", full=full)


def _best(template: str, table: Table, found: Sequence[Figure], **parts: str) -> Sentences:
    """A sentence on the row with the highest of these figures, and its loss; nothing where there is none."""
    if not found:
        return ()
    row = highest(tuple(found)).row
    return together(of_row(template, table, row, **parts), against(table, row, "loss", "original"))


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
            for clause in say("with {row} {loss}", row=each.row.name, loss=joined("", clear_loss(each.quantity)))
        ]
        if clauses:
            finding = "For the {model} no format loses accuracy clearly."
            if worse:
                finding = "For the {model} accuracy falls clearly with {worse}."
            yield from together(
                say(finding, model=model_of(context, table), worse=" and ".join(worse)),
                say("Accuracy against the original, on the same examples: {losses}.", losses=joined("; ", clauses)),
                _alike(context, table),
            )
    yield from _seen(context)


def _seen(context: Context) -> Sentences:
    """How small a loss these examples could show."""
    found = [each.quantity for table in context.tables["quantization"] for each in figures(table, "loss")]
    halves = [(each.high - each.low) / 2 for each in found if each.low is not None and each.high is not None]
    template = (
        "Rounding weights to fewer bits changes an answer only where two classes were nearly equal. These examples "
        "would not show a loss of less than about {least}; more examples, or a harder task, might."
    )
    return say(template, least=(Quantity(max(halves)), "unsigned_points")) if halves else ()


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
    template = "For the {model}, {row}, which runs in {runtime}, has {size}."
    said, losses = list[Sentence](), list[Value]()
    for table in context.tables["quantization"]:
        for each in figures(table, "size", lambda cell: catalogue.format(cell.format).precision == _COARSE):
            losses.append(table.value(each.row, "loss"))
            runtime = catalogue.runtime_label(each.cell)
            said += together(
                of_row(template, table, each.row, runtime=runtime, model=model_of(context, table)),
                against(table, each.row, "loss", "original"),
                _int8_speed(context, each),
            )
    if said:
        where = ": here it loses no accuracy clearly" if all(isinstance(each, Quantity) for each in losses) else ""
        yield from say(
            "For deployments that are short of storage, memory or time, such as phones and microcontrollers{where}.",
            where=", if the loss below is acceptable there" if any(map(_is_clearly_worse, losses)) else where,
        )
    yield from said
    if said:
        yield from say("On another processor the gain in speed may differ, so measure where it is to run.")


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
        speedup = times_as_fast(pair)
        if speedup is not None and pair.full is not None:
            judged = verdict(speedup)
            batch, times = str(context.pool.smallest), Sentence("{}", ((speedup, "ratio"),))
            if judged == "faster":
                template = "At batch {batch} it is {times} times as fast as float32 in the same runtime{why}."
                machine, arithmetic = (
                    pair.lower.source.run.machine,
                    observations.catalogue.format(cell.format).arithmetic,
                )
                is_why = machine.has_int8_products and arithmetic == _COARSE
                because = "; this processor has instructions for int8 ({names})" if is_why else ""
                why = say(because, names=machine.int8_support)
                return say(template, batch=batch, times=times, why=joined("", why))
            slow = reasons(observations, pair.lower, pair.full, is_slower=judged == "slower").found
            template = "At batch {batch} it is not faster: {times} times the speed of float32 in the same runtime{why}."
            because = f", because {'; '.join(slow)}" if slow else ""
            return say(template, batch=batch, times=times, why=because)
    return say("Its latency and that of full precision in the same container were not both measured.")


def _is_pruned(context: Context, cell: Cell) -> bool:
    catalogue = context.observations.catalogue
    kinds = {catalogue.technique(name).kind for name in cell.techniques}
    return _PRUNING in kinds and not catalogue.is_control(cell.variant)


def pruning(context: Context) -> Iterator[Sentence]:
    """What pruning alone achieved: zeros, sizes, and its own loss."""
    template = (
        "For the {model}, {row} is {disk}{gzip_reduction} smaller gzipped: {sparsity} of its weights are zero, and a "
        "zero takes as many bytes as any weight until it is compressed."
    )
    model = context.observations.catalogue.model
    for table in context.tables["pruning"]:
        for each in figures(table, "sparsity", lambda cell: _is_pruned(context, cell)):
            if each.cell.format == model(each.cell.model).original_format:
                losses = against(table, each.row, "control_loss", "control")
                words = template.replace("{disk}", _on_disk(table.value(each.row, "reduction")))
                said = of_row(words, table, each.row, model=model(each.cell.model).label)
                yield from together(said, losses)


def _on_disk(saved: Value) -> str:
    """How much smaller a file is on disk, in words, before those on its size gzipped."""
    is_smaller = not isinstance(saved, Quantity) or saved.value >= _LEAST_SAVED
    return "{reduction} smaller on disk and " if is_smaller else "no smaller on disk, but "


def what_shrinks_files(context: Context) -> Sentences:
    """What would make the file of a pruned model itself smaller."""
    words = (
        "The file itself would shrink if it stored only the weights that are not zero, or if whole channels were cut."
    )
    return say(words) if tuple(pruning(context)) else ()


def pruning_and_quantization(context: Context) -> Iterator[Sentence]:
    """What saves most of what is both pruned and of lower precision."""
    fmt = context.observations.catalogue.format
    template = (
        "For the {model}, {row} saves most, {reduction} on disk and {gzip_reduction} gzipped, down to {size} and "
        "{gzip}."
    )
    said = list[Sentence]()

    def is_both(cell: Cell) -> bool:
        return _is_pruned(context, cell) and fmt(cell.format).precision not in {None, FULL_PRECISION}

    for table in context.tables["pruning"]:
        both = figures(table, "gzip_reduction", is_both)
        best = _best(template, table, both, model=model_of(context, table))
        said += together(best, against(table, highest(both).row, "control_loss", "control")) if best else ()
    yield from said
    if said:
        yield from say(
            "Quantization makes every weight shorter, and pruning makes many of them zeros that compress, so that each "
            "saves what the other leaves. A file that is stored without compression gains from quantization alone."
        )


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
    if not differ:
        yield from say("No speed by itself: zeros saved no time on this machine.")
    yield from say("Measured here: {clauses}.", clauses=joined("; ", clauses))
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
    sized = "{table}: {row} is {disk}{gzip_reduction} smaller gzipped."
    found = tuple(
        sentence
        for table in context.tables["technique"]
        for each in figures(table, "reduction", lambda cell: bool(cell.techniques))
        for sentence in together(
            of_row(sized.replace("{disk}", _on_disk(each.quantity)), table, each.row),
            of_row("It promises {promises}.", table, each.row),
            against(table, each.row, "loss", "original", context),
        )
    )
    return (Prose(found),) if found else ()


def format_sizes(context: Context) -> Iterator[Sentence]:
    """The smallest and the largest format of each model, and what they keep besides the weights."""
    only = "For the {model} only {row} was measured, {size}."
    same = "For the {model} every format measured has {size}."
    differ = "For the {model}, {row} is smallest with {size}{relative}{near}; {other} is largest with {most}{more}."
    explained = False
    for table in context.tables["deployment"]:
        model = model_of(context, table)
        said = extremes(table, "size", only, same, differ, model=model, **_next_to_extremes(table))
        because = _beside_weights(context, table)
        explained |= bool(because)
        yield from together(said, because)
    if explained:
        yield from say(
            "With the same weights in each, formats differ little. Weights of lower precision (Part 2) and compression "
            "(Part 3) save far more."
        )


def _next_to_extremes(table: Table) -> dict[str, Sentence]:
    """What the smallest is of the original, and where three digits may not show by how much others are larger."""
    found = sorted(figures(table, "size"), key=lambda each: each.quantity.value)
    if len(found) < _LEAST_COMPARED:
        return {}
    small, *between, large = found
    near, most, more = list[str](), "", _more(large, small)
    for each in between:
        if (larger := _more(each, small)) is not None:
            near, most = [*near, each.row.name], larger
    *first, last = near or [""]
    names = f"{', '.join(first)} and {last} are" if first else f"{last} is"
    return {
        "relative": joined("", of_row(", {relative} of the original", table, small.row)),
        "near": joined("", say("; {names} {more}", names=names, more=most) if near else ()),
        "more": joined("", say(", {more}", more=more) if more else ()),
    }


def _more(one: Figure, other: Figure) -> str | None:
    """By how much one is larger than another, where three digits may not show it."""
    value, least = one.quantity.value, other.quantity.value
    if value == least:
        return "of the same size"
    bound = next((each for each in _NOT_SHOWN if value < least * (1 + each)), None)
    return None if bound is None else f"less than {two_digits(bound)} larger"


def _beside_weights(context: Context, table: Table) -> Sentences:
    """What the smallest and the largest file hold besides their weights, where both have weights of one width."""
    found = figures(table, "size")
    if len(found) < _LEAST_COMPARED:
        return ()
    small, large = lowest(found), highest(found)
    traits = context.observations.catalogue.format
    precision = traits(small.cell.format).precision
    if precision is None or precision != traits(large.cell.format).precision:
        return ()
    for weights, same, others in (
        (_weight_bytes(context, small.cell), "weights", "structure and names"),
        (_kernel_bytes(context, small.cell), "kernels", "biases, structure and names"),
    ):
        if weights is not None and weights <= small.quantity.value < large.quantity.value:
            rest, most = (Quantity(each.quantity.value - weights) for each in (small, large))
            return say(
                "The smallest and the largest keep the same {same}, {weights}; {others} take {rest} in the one and "
                "{most} in the other.",
                same=same,
                weights=(Quantity(weights), "bytes"),
                others=others,
                rest=(rest, "kilobytes"),
                most=(most, "kilobytes"),
            )
    return ()


def _weight_bytes(context: Context, cell: Cell) -> float | None:
    """The bytes of the weights: what a call at one example moves, less what grows with the examples.

    All formats of one precision move the same, so that calls of any of them are looked at.
    """
    traits, moved = context.observations.catalogue.format, dict[int, int]()
    for each in context.observations.where(LATENCY, variant=cell.variant):
        work = None if each.measured is None else each.measured.work
        is_alike = traits(each.cell.format).precision == traits(cell.format).precision
        if work is not None and each.cell.batch_size and is_alike:
            moved[each.cell.batch_size] = work.bytes
    if len(moved) < _LEAST_COMPARED:
        return None
    small, large = min(moved), max(moved)
    return moved[small] - small * (moved[large] - moved[small]) / (large - small)


def _kernel_bytes(context: Context, cell: Cell) -> float | None:
    """The bytes of the kernels, which are counted in the file itself: biases are not among them."""
    found, precision = context.observations.at(cell), context.observations.catalogue.format(cell.format).precision
    counted = None if found is None or found.measured is None else found.measured.sparsity
    width = _WIDTHS.get(precision or "")
    return None if counted is None or width is None else counted.total * width


def loading(context: Context) -> Iterator[Sentence]:
    """The format that loads fastest, and the slowest."""
    only = "For the {model} only the loading of {row} was measured, {loading}."
    same = "For the {model} loading takes {loading} in every format measured."
    differ = "{row} loads the {model} fastest, in {loading}, {other} slowest, in {most}."
    for table in context.tables["deployment"]:
        yield from extremes(table, "loading", only, same, differ, model=model_of(context, table))


def times_differ(context: Context) -> Iterator[Sentence]:
    """By how many times formats of a model differ in size, in loading and in latency: the same formats in each."""
    latencies = {same[0].cell.model: same for same in _by_model(context)}
    begin = "Time: formats of the {model} "
    for table in context.tables["deployment"]:
        rows = {each.row.key for each in figures(table, "size")} & {each.row.key for each in figures(table, "loading")}
        if len(rows) < _LEAST_COMPARED:
            continue
        sizes, loads = (
            tuple(each for each in figures(table, column) if each.row.key in rows) for column in ("size", "loading")
        )
        formats = {each.cell.format for each in sizes}
        timed = tuple(each for each in latencies.get(sizes[0].cell.model, ()) if each.cell.format in formats)
        template = " and {times} times in latency"
        if len(timed) < len(rows):
            template += " ({few} of the {all} were timed)"
        calls = (
            say(template, times=_apart(timed), few=len(timed), all=len(rows)) if len(timed) >= _LEAST_COMPARED else ()
        )
        more = "but" if _is_further(loads, sizes) else "and"
        in_size = f"differ by {{size}} times in size, {more}" if _differ(sizes) else "have one size, but differ by"
        template = f"{begin}{in_size} {{load}} times in loading{{latency}}."
        model = model_of(context, table)
        yield from say(template, model=model, size=_apart(sizes), load=_apart(loads), latency=joined("", calls))
        begin = "Formats of the {model} "


def _differ(found: tuple[Figure, ...]) -> bool:
    return highest(found).quantity.value > lowest(found).quantity.value * (1 + _LEAST_SAVED)


def _apart(found: tuple[Figure, ...]) -> tuple[Value, Kind]:
    """How many times the lowest figure fits in the highest."""
    low, high = lowest(found).quantity, highest(found).quantity
    return (ratio(high, low) if low.value > 0 else NotMeasured("it is zero")), "ratio"


def _is_further(found: tuple[Figure, ...], other: tuple[Figure, ...]) -> bool:
    """Whether these figures differ by more times than the others."""
    one, two = _apart(found)[0], _apart(other)[0]
    return isinstance(one, Quantity) and isinstance(two, Quantity) and one.value > two.value


def _by_model(context: Context) -> list[tuple[Figure, ...]]:
    """Latencies of formats of the unmodified models on the host."""
    return alike(context.host_latencies(lambda cell: not cell.techniques), "model")


def where_it_runs(context: Context) -> Sentences:
    """What counts besides figures, where there are some."""
    words = (
        "Where the model is to run counts first: a format is of use only where there is a runtime for it. Support for "
        "operators, accelerators and tools is no figure of this run."
    )
    return say(words) if tuple(loading(context)) else ()


def format_latency(context: Context) -> Iterator[Sentence]:
    """The fastest and the slowest format of each unmodified model on the host."""
    label, table = context.observations.catalogue.format_label, context.table(LATENCIES)
    groups = _by_model(context)
    for same in groups:
        fast, slow = lowest(same), highest(same)
        template = "At batch {batch} the {model} takes {least} in {fast} and {most} in {slow} on this host{why}."
        if len(same) == 1:
            template = "At batch {batch} only {fast} was timed for the {model} on this host: {least}."
        names = {"fast": label(fast.cell), "slow": label(slow.cell)}
        why = joined("", _call_overhead(context, slow))
        yield from of_row(template, table, fast.row, least=fast, most=slow, why=why, **names)
    if not groups:
        yield from say("Latency by format was not measured in this run.")


def _call_overhead(context: Context, slow: Figure) -> Sentences:
    """What of a call does not depend on the batch size, where that is most of it."""
    for each in figures(context.table(LIMITS), "overhead"):
        if each.row.cell == slow.row.cell and each.quantity.value > _MOST:
            known = as_known(context, each)
            return say("; {overhead} of the latter is overhead of the call", overhead=(known, each.kind))
    return ()


def phone_format(context: Context) -> Sentences:
    """What the rule for phones chose, and the rule."""
    template = (
        "{best}: {size}, and {latency} per call at batch {smallest} on this machine (its {judging}). Accuracy against "
        "the most accurate original: {lost}. The rule of Part 5 chose it: {rule}. No phone was measured: its "
        "accelerator may order the files otherwise, so measure there."
    )
    return _on_phone(context, template)


def smartphone(context: Context) -> Sentences:
    """What the rule for phones chose, and what would be next."""
    template = (
        "Begin with {best}: {latency} per call at batch {smallest} on this host (its {judging}), and {size}. Accuracy "
        "against the most accurate original: {lost}."
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
    how, row = rules.rows[number], choices.rows[number]
    loss = choices.value(row, "loss")
    return of_row(
        template,
        choices,
        row,
        lost="it is that original"
        if loss == NotApplicable()
        else next(iter(with_control(context, row, loss)), (loss, "points")),
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
    table, choices = context.table("candidates"), context.table("choices")
    found, row = figures(table, "efficiency"), choices.rows[list(context.priorities.values()).index(_TRADE_OFF)]
    if not found:
        return ()
    other = of_row("By the size saved for each point of accuracy lost it would be {best} (Part 5).", choices, row)
    best = highest(found).row
    is_other = row.cell is not None and best.cell is not None and row.cell.key != best.cell.key
    return (*of_row(template, table, best), *(other if is_other else ()))


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
    named, models = list[Sentence](), set[str]()
    for row in rows:
        loss, model = table.value(row, "loss"), row.cell.model if row.cell is not None else ""
        losses = clear_loss(loss) if model in models else with_control(context, row, loss)  # it has one control
        template = "{row} with {size} and {accuracy} accuracy"
        if losses:
            template += ", against the most accurate original {lost}"
        named += of_row(template, table, row, lost=joined("", losses))
        models.add(model)
    if not named:
        return ()
    first, *others = named
    return (
        *say("The most accurate below 1 MB is {first}.", first=first),
        *(say("Next: {others}.", others=joined("; ", others)) if others else ()),
        *say(
            "{few} of {all} candidates {are} below 1 MB on disk.",
            few=len(small),
            all=len(table.rows),
            are="is" if len(small) == 1 else "are",
        ),
    )
