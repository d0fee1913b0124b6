"""Hypothesis strategies for the nouns of the domain; samples are whole nanoseconds, as clocks count them."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from lab4.domain.catalogue import (
    Catalogue,
    DeviceTraits,
    FormatTraits,
    MetricTraits,
    ModelTraits,
    Promise,
    RuntimeTraits,
    SettingTraits,
    SettingValue,
    TechniqueTraits,
)
from lab4.domain.cell import KINDS, Cell
from lab4.domain.errors import INTERRUPTED
from lab4.domain.machine import Gpu, Machine
from lab4.domain.observed import (
    Agreement,
    Answers,
    Artifact,
    Counters,
    Energy,
    KeptOutput,
    Latency,
    Loading,
    Peak,
    PeakMemory,
    PerExample,
    Score,
    Series,
    Size,
    Sparsity,
    SystemActivity,
    Training,
    WarmUp,
    Work,
)
from lab4.domain.outcome import Failed, Measured, Measurement, Unavailable, is_cut_short
from lab4.domain.rounds import Burst, Round, TimingWindow, WarmRunner
from lab4.domain.run import Commit, DatasetInfo, Run, Settings
from lab4.domain.text import printable
from lab4.history.plain import header_of, to_plain, with_peaks
from lab4.history.run_file import run_document
from lab4.history.run_schema import SCHEMA_VERSION, RunHeader

#: Any text as records hold it, short.
texts = st.text(max_size=20).map(printable)
names = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,6}[A-Za-z0-9_])?", fullmatch=True).filter(str.isascii)
counts = st.integers(0, 10**12)
sizes = st.integers(1, 10**6)
hashes = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
#: Seconds up to half an hour, whole nanoseconds.
times = st.integers(0, 2 * 10**12).map(lambda ns: ns / 1e9)
several_times = st.lists(times, min_size=1, max_size=8).map(tuple)


settings = st.dictionaries(names, names, max_size=2).map(lambda chosen: tuple(chosen.items()))


@st.composite
def _cells(draw):
    batch_size = draw(st.none() | st.integers(1, 4096))
    return Cell(
        kind=draw(st.sampled_from(KINDS)),
        model=draw(names),
        techniques=draw(st.lists(names, max_size=2).map(tuple)),
        device=draw(names),
        batch_size=batch_size,
        format=draw(names),
        threads=1 if batch_size is None else draw(st.integers(1, 300)),
        runtime=draw(st.just("") | names),
        settings=() if batch_size is None else draw(settings),
    )


cells = _cells()


def _entries(entry_type, **traits):
    entry = st.builds(entry_type, names, texts, **{name: st.none() | values for name, values in traits.items()})
    return st.lists(entry, max_size=2).map(lambda entries: {entry.name: entry for entry in entries})


_promises = st.lists(st.builds(Promise, names, texts, st.none() | st.floats(0, 1)), max_size=2).map(tuple)
_values = st.lists(st.builds(SettingValue, names, texts), min_size=1, max_size=3).map(tuple)
_settings = st.lists(st.builds(SettingTraits, names, texts, _values), max_size=2).map(tuple)
catalogues = st.builds(
    Catalogue,
    models=_entries(ModelTraits, task=texts, original_format=names),
    techniques=_entries(TechniqueTraits, kind=names).flatmap(
        lambda entries: _promises.map(
            lambda kept: {name: replace(each, promises=kept) for name, each in entries.items()}
        )
    ),
    formats=_entries(FormatTraits, container=names, precision=names, targets=st.lists(names, max_size=2).map(tuple)),
    runtimes=_entries(RuntimeTraits, is_native=st.booleans()).flatmap(
        lambda entries: _settings.map(
            lambda declared: {name: replace(each, settings=declared) for name, each in entries.items()}
        )
    ),
    devices=_entries(DeviceTraits, kind=names, is_host=st.booleans()),
    metrics=_entries(MetricTraits, unit=texts, higher_is_better=st.booleans(), tolerance=st.floats(0, 1)),
)


def _some_of(of):
    """Pairs of a count and a total that is not below it."""
    return st.tuples(counts, counts).map(sorted).map(lambda pair: of(*pair))


@st.composite
def series(draw, least=1):
    """Samples in passes, of one call each or of several, whose total is whole nanoseconds."""
    passes = draw(st.lists(st.lists(times, min_size=least, max_size=20), min_size=1, max_size=12))
    iterations = draw(st.integers(1, 20))
    samples_s = tuple(sample / iterations for each in passes for sample in each)
    return Series(samples_s, tuple(len(each) for each in passes), iterations, draw(texts))


_told_counts, _told_times = st.none() | counts, st.none() | times
system_activities = st.builds(
    SystemActivity,
    wall_s=times,
    cpu_s=times,
    collections=counts,
    steal_s=_told_times,
    involuntary_switches=_told_counts,
    major_faults=_told_counts,
    minor_faults=_told_counts,
    throttles=_told_counts,
    load_average=_told_times,
    least_frequency_hz=_told_times,
    most_frequency_hz=_told_times,
)


def _told_of(latency):
    """With and without a flag for each sample."""
    count = len(latency.calls.samples_s)
    flags = st.just(()) | st.lists(st.booleans(), min_size=count, max_size=count).map(tuple)
    return flags.map(lambda told: replace(latency, uncontended=told))


latencies = st.builds(
    Latency,
    calls=series(),
    compute_only=st.none() | series(),
    probe_s=st.lists(times, max_size=8).map(tuple),
    load_s=st.none() | times,
    first_call_s=times,
    warmup=st.builds(WarmUp, counts, st.none() | times, st.none() | st.booleans()),
    threads=st.none() | st.integers(0, 512),
    ended=st.sampled_from(["target", "budget", "interrupted"]),
    target=st.none() | st.floats(0, 1),
    cores=st.none() | st.lists(st.integers(0, 512), min_size=1, max_size=3).map(tuple),
    loads=sizes,
    system_activity=st.none() | system_activities,
).flatmap(_told_of)
trainings = st.builds(
    Training,
    epoch_s=several_times,
    first_step_s=times,
    samples_per_epoch=counts,
    batch_size=sizes,
    seed=st.integers(-(2**31), 2**32),
    weights_sha256=hashes,
)
accuracies = st.builds(PerExample, st.lists(st.booleans(), max_size=100).map(tuple))
differences = st.floats(0, 1)
answers = st.builds(
    Answers,
    hashes,
    hashes,
    differences,
    st.dictionaries(
        names,
        st.builds(
            KeptOutput,
            names,
            st.lists(counts, max_size=3).map(tuple),
            st.floats(0, 1e9),
            st.lists(st.floats(-1e9, 1e9), max_size=5).map(tuple),
        ),
        max_size=2,
    ),
)
measured = st.builds(
    Measured,
    latency=st.none() | latencies,
    training=st.none() | trainings,
    metrics=st.dictionaries(names, accuracies | st.builds(Score, st.floats(-1e9, 1e9)), max_size=2),
    verified=st.dictionaries(names, st.floats(-1e9, 1e9), max_size=2),
    size=st.none() | st.builds(Size, counts, counts),
    sparsity=st.none() | _some_of(Sparsity),
    agreement=st.none() | differences.flatmap(lambda d: _some_of(lambda some, total: Agreement(d, some, total))),
    answers=st.none() | answers,
    loading=st.none() | st.builds(Loading, several_times),
    artifact=st.none() | st.builds(Artifact, hashes),
    memory=st.none() | st.builds(PeakMemory, counts, counts, texts),
    work=st.none() | st.builds(Work, counts, counts, names),
    energy=st.none() | st.builds(Energy, st.dictionaries(texts, times, max_size=2), sizes, times),
    counters=st.none() | st.builds(Counters, st.dictionaries(texts, counts, max_size=2), sizes),
    missing=st.dictionaries(names, texts, max_size=2),
)
unmeasured = st.builds(Unavailable, texts) | st.builds(Failed, texts)
outcomes = measured | unmeasured
measurements = st.builds(Measurement, cells, outcomes)

_pairs = st.dictionaries(texts, texts, max_size=3).map(lambda found: tuple(sorted(found.items())))
machines = st.builds(
    Machine,
    node=texts,
    cpu=texts,
    cpu_flags=st.lists(names, max_size=3).map(tuple),
    logical_cores=sizes,
    physical_cores=sizes,
    memory_bytes=counts,
    gpus=st.lists(st.builds(Gpu, texts, texts, counts), max_size=2).map(tuple),
    os=texts,
    python=texts,
    libraries=_pairs,
    threads=_pairs,
    conditions=_pairs,
)
#: ISO 8601 with a time zone of whole minutes, as clocks of this century have.
timestamps = st.builds(
    lambda moment, minutes: moment.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  # the zone comes next
    st.integers(-14 * 60, 14 * 60),
)
peaks = st.builds(
    Peak, st.sampled_from(["float32", "int8", "memory", "cache"]), st.integers(1, 64), counts, several_times, texts
)
INTERRUPTION = Unavailable(INTERRUPTED)

_ratios = st.dictionaries(st.integers(-1, 512), st.floats(0, 10), max_size=2)


@st.composite
def _bursts(draw, least=0):
    """Bursts and their samples."""
    bursts = draw(
        st.lists(
            st.builds(Burst, st.integers(1, 4), st.tuples(_ratios, _ratios), st.floats(0, 4)),
            min_size=least,
            max_size=4,
        )
    )
    count = sum(each.samples for each in bursts)
    return tuple(bursts), tuple(draw(st.lists(st.floats(0, 100), min_size=count, max_size=count)))


@st.composite
def _windows(draw):
    (bursts, samples_s), (compute_only_bursts, compute_only_s) = draw(_bursts(1)), draw(_bursts())
    ratios, system_activity, fresh = draw(_ratios), draw(system_activities), draw(st.booleans())
    return TimingWindow(
        samples_s, compute_only_s, draw(times), bursts, ratios, system_activity, fresh, compute_only_bursts
    )


_keys = cells.map(lambda cell: cell.key)
_runners = st.builds(
    WarmRunner,
    load_s=times,
    first_call_s=times,
    warmup=st.builds(WarmUp, counts, st.none() | times, st.none() | st.booleans()),
    agreement=differences.flatmap(lambda d: _some_of(lambda some, total: Agreement(d, some, total))),
    threads=st.none() | st.integers(0, 512),
    cores=st.none() | st.lists(st.integers(0, 512), min_size=1, max_size=3).map(tuple),
    clock=texts,
    compute_only_clock=texts,
    iterations=sizes,
    compute_only_iterations=sizes,
    artifact=hashes,
)
rounds = st.builds(
    Round,
    st.integers(1, 1000),
    times,
    st.dictionaries(_keys, _windows(), max_size=3),
    st.dictionaries(_keys, _runners, max_size=2),
)


def _run(measurements, **fields):
    return Run(
        measurements=measurements, complete=not any(is_cut_short(each.outcome) for each in measurements), **fields
    )


runs = st.builds(
    _run,
    started_at=timestamps,
    lab4_version=texts,
    settings=st.builds(Settings, texts, st.integers(-(2**31), 2**32), counts, counts, times),
    dataset=st.builds(DatasetInfo, texts, counts, counts, hashes),
    machine=machines,
    commit=st.builds(Commit, st.none() | hashes, st.booleans()),
    catalogue=catalogues,
    peaks=st.lists(peaks, max_size=3).map(tuple),
    measurements=st.lists(
        st.builds(Measurement, cells, outcomes | st.just(INTERRUPTION)),
        unique_by=lambda each: each.cell.key,
        max_size=6,
    ).map(tuple),
)


def header_of_run(run):
    """The journal header that a run file of ``run`` comes of."""
    header = RunHeader(
        SCHEMA_VERSION,
        run.started_at,
        run.lab4_version,
        run.settings,
        run.dataset,
        run.catalogue,
        tuple(each.cell.key for each in run.measurements),
    )
    return with_peaks(header_of(header, run.machine), run.peaks)


def row_of(measurement):
    """What pytest-benchmark makes of a measured cell, in short."""
    return {
        "group": measurement.cell.kind,
        "name": f"test_{measurement.cell.kind}[{measurement.cell.id}]",
        "param": measurement.cell.id,
        "extra_info": {"lab4": to_plain(measurement)},
        "options": {"timer": "ReplayClock", "min_rounds": 5},
        "stats": {"rounds": len(measurement.outcome.timing_s), "median": 0.5, "iterations": 1},
    }


def document_of(run):
    """The content of a run file that reads as ``run``."""
    ended = [each for each in run.measurements if each.outcome != INTERRUPTION]
    return run_document(
        {"node": run.machine.node, "cpu": {"brand_raw": run.machine.cpu}},
        {"id": run.commit.revision or "unversioned", "dirty": run.commit.dirty, "branch": "main"},
        [row_of(each) for each in ended if isinstance(each.outcome, Measured)],
        header_of_run(run),
        [to_plain(each) for each in ended if not isinstance(each.outcome, Measured)],
    )
