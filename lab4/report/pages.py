"""What the HTML and the Markdown templates print of a document."""

import re
import shlex
from collections.abc import Callable, Iterator
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from lab4.analysis.document import (
    Block,
    Chart,
    Code,
    Document,
    Prose,
    Question,
    Section,
    WritingSpace,
    missing_values,
)
from lab4.analysis.query import APART, MACHINE_SPEEDS
from lab4.analysis.roofline import peak_rates, places_of
from lab4.analysis.tables import Kind, RunSource, Table
from lab4.domain.catalogue import Catalogue, MissingTraitError
from lab4.domain.cell import KINDS
from lab4.domain.commands import measuring
from lab4.domain.observed import Peak
from lab4.domain.run import Commit, Run
from lab4.report.units import noted, number, sentence

_KINDS: dict[type[Block], str] = {
    Table: "tables",
    Chart: "charts",
    Question: "questions",
    Prose: "prose",
    WritingSpace: "spaces",
    Code: "code",
}
#: Rows that are named for a reason, the rest is a number: a legend is for looking up, the tables hold each.
_NAMED = 4
_HOW_TO_READ = (
    "A figure is followed by its spread in brackets: p25 to p75 for latencies, the fastest and slowest epoch for "
    "training, the fastest and slowest load for loading, a 95% interval for accuracies and their losses. 1 MB is "
    "1,000,000 bytes; accuracy losses are in percentage points. What was not measured says so, with the reason."
)
_HOW_DRAFTS_COMPARE = (
    "The drafts call times or rates different only where the lower end of one spread is more than "
    f"{APART - 1:.0%} above the upper end of the other: the machine's own speed may change by "
    f"{MACHINE_SPEEDS - 1:.0%} either way, for each of the two. Lower precision is compared with float32 by the "
    "interval of their ratio."
)

_REVISION_DIGITS = 12
#: The name of a data set of the user's in a record: that of its file, and the begin of its digest.
_DIGESTED = re.compile(r"(\.npz) [0-9a-f]{8}$")
#: The dash of a range and the stroke of a rate, after which a browser may begin a line, and what forbids that.
_BREAKABLE, _JOINER = re.compile(r"(?<=\d)\u2013(?=\d)|(?<=[a-zA-Z])/(?=s\b)"), "\u2060"
_UNBROKEN = re.compile(
    r"(?<=\d) (?=(?:ms|s|MB|kB|points|samples|GFLOP)(?!\w))|(?<=±) (?=\d)|(?<=wanted) (?=\d)|"
    r"(?<=from) (?=\d+ uncontended)"
)
#: Operations/s and bytes/s, both in 1e9.
_RATE: Kind = "operation_rate"


def environment(*, autoescape: bool, finalize: Callable[[object], object] | None = None) -> Environment:
    """The environment of the templates; ``autoescape`` and ``finalize`` are how a format escapes what is put in."""
    made = Environment(
        loader=PackageLoader("lab4.report"),
        autoescape=autoescape,  # noqa: S701  # each format says how it escapes
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sentence"] = sentence
    functions = (facts, groups, how_to_read, in_short, missing, noted)
    made.globals |= {function.__name__: function for function in functions}
    return made


def unbroken(text: str) -> str:
    """The text with ranges, rates, spreads, and figures with their units, that no line ends within."""
    return _UNBROKEN.sub("\u00a0", _BREAKABLE.sub(lambda found: found[0] + _JOINER, text))


def groups(section: Section) -> list[tuple[str, list[Block]]]:
    """The section's neighbouring blocks of one kind together: tables, charts, questions, prose, code or spaces."""
    shown = (block for block in section.blocks if not isinstance(block, Chart) or block.marks)
    found = groupby(shown, key=lambda block: _KINDS[type(block)])
    return [(kind, list(blocks)) for kind, blocks in found]


def missing(document: Document) -> list[tuple[str, str]]:
    """Each reason for missing values, and where they are."""
    return [
        (
            f"{'failed' if each.failed else 'not measured'}: {each.reason}",
            " ".join(f"{title}: {_named(rows)}." for title, rows in each.places),
        )
        for each in missing_values(document)
    ]


def _named(rows: tuple[str, ...]) -> str:
    rest = len(rows) - _NAMED
    return f"{'; '.join(rows[:_NAMED])}{f' and {rest} more' if rest > 0 else ''}"


def how_to_read(document: Document) -> str:
    """What the figures of the document mean, and how its drafts compare them where it has any."""
    blocks = (block for section in document.sections for block in section.blocks)
    has_drafts = any(isinstance(block, Question) and block.draft for block in blocks)
    return f"{_HOW_TO_READ} {_HOW_DRAFTS_COMPARE}" if has_drafts else _HOW_TO_READ


def facts(document: Document) -> list[tuple[str, dict[str, str]]]:
    """A title and the facts by name for each run, in the order they were started."""
    return [(f"{source.machine}, {source.run.started_at}", _of_run(source.run)) for source in document.sources]


def in_short(document: Document) -> list[str]:
    """What a form says of its runs: the machines, what was measured on, and the commands that measure it again."""
    lines = [line for source in document.sources for line in _in_short(source)]
    rows = (row for table in document.tables for row in table.rows if row.cell is not None and row.machine)
    cell = next((row.cell for row in rows), None)
    if cell is not None:
        lines.append(f'One number alone, such as that of {cell.id}: pytest benchmarks -m "{cell.marker}"')
    return lines or ["Nothing was measured."]


def _in_short(source: RunSource) -> Iterator[str]:
    run, known = source.run, _of_run(source.run)
    yield f"{source.machine}: {known['Processor']}. GPU: {known['GPU']}. {known['System']}. {known['Libraries']}."
    yield (
        f"Measured at {run.started_at[:16].replace('T', ' ')} on {known['Dataset']}. Profile {known['Profile']}. "
        f"Revision: {known['Commit']}. Run: {known['Run']}."
    )
    yield _again(source)


def _again(source: RunSource) -> str:
    """The command that measures its cells again; a run of every kind of cells has no other selection in its record."""
    cells, settings = source.cells, source.run.settings
    dataset = _DIGESTED.sub(r"\1", source.run.dataset.name)
    options = shlex.join(["--lab4-seed", str(settings.seed), "--lab4-dataset", dataset])
    if 0 < len({cell.kind for cell in cells}) < len(KINDS):
        chosen = measuring([cell.key for cell in cells], settings.profile)
        return f"All of it again: {chosen}{_runtimes(source)} {options}"
    profile = shlex.join(["pytest", "benchmarks", "--lab4-profile", settings.profile])
    return f"All cells of the profile (this run had {len(cells)}): {profile} {options}"


def _runtimes(source: RunSource) -> str:
    """The option that leaves out the runtimes in which formats that are named would be timed too."""
    try:
        names = dict.fromkeys(map(source.run.catalogue.runtime_of, source.cells))
    except MissingTraitError:
        return ""
    return f" --lab4-runtimes {shlex.quote(','.join(names))}"


def _of_run(run: Run) -> dict[str, str]:
    machine, dataset, settings = run.machine, run.dataset, run.settings
    cores = f"cores: {machine.physical_cores or 'unknown'}, logical: {machine.logical_cores or 'unknown'}"
    gpus = "; ".join(f"{gpu.name}, driver {gpu.driver}, {_gibibytes(gpu.memory_bytes)}" for gpu in machine.gpus)
    return {
        "Processor": (
            f"{machine.cpu}, {cores}, memory: {_gibibytes(machine.memory_bytes)}, "
            f"int8 instructions: {machine.int8_support}"
        ),
        "GPU": gpus or "none",
        "System": f"{machine.os}, Python {machine.python}, lab4 {run.lab4_version}",
        "Libraries": _joined(machine.libraries),
        "Threads": _joined(machine.threads),
        "Peaks, measured": _peaks(run.peaks, run.catalogue),
        "Dataset": (
            f"{dataset.name}: {dataset.train_images:,} training and {dataset.validation_images:,} validation images"
        ),
        "Profile": (
            f"{settings.profile}: {settings.epochs} epochs, {settings.finetune_epochs} of fine-tuning, seed "
            f"{settings.seed}, at most {settings.latency_budget_s:g} s of timing per cell"
        ),
        "Commit": _revision(run.commit),
        "Run": (
            "every cell that was asked for has ended"
            if run.complete
            else "interrupted: what it did not reach is not measured"
        ),
    }


def _revision(commit: Commit) -> str:
    if commit.revision is None:
        return "not in a git repository"
    return f"{commit.revision[:_REVISION_DIGITS]}{' with changes not committed' if commit.dirty else ''}"


def _peaks(peaks: tuple[Peak, ...], catalogue: Catalogue) -> str:
    lines = []
    for place in places_of(peaks, catalogue):
        rates = peak_rates(peaks, place)
        shown = [f"{name} {number(rate, _RATE)} GOP/s" for name, rate in rates.operations_per_s.items()]
        shown += [f"{level} {number(rate, _RATE)} GB/s" for level, rate in rates.bytes_per_s.items()]
        where = f"with {place.threads} thread{'' if place.threads == 1 else 's'}"
        if place.threads is None:
            where = f"on the {catalogue.device(place.device).label}"
        lines.append(f"{where} {', '.join(shown)}")
    return "; ".join(lines) or "not in this run: it timed no calls, has no ONNX Runtime, or left them out"


def _gibibytes(memory_bytes: int) -> str:
    """Memory is sold in GiB; a driver that does not know it reports 0."""
    return f"{memory_bytes / 2**30:.1f} GiB" if memory_bytes else "size unknown"


def _joined(pairs: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs) or "not recorded"
