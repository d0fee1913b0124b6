"""Training and latency: how long, how fast, how variable, what a call takes and what limits it."""

from collections.abc import Sequence
from dataclasses import replace

from lab4.analysis.distribution import P90_LEAST_CALLS, P99_LEAST_CALLS
from lab4.analysis.measures import column, measured_table
from lab4.analysis.observations import Observations
from lab4.analysis.tables import Table
from lab4.domain.cell import LATENCY, TRAIN

__all__ = ["latency_table", "limits_table", "timed_tables", "training_table"]

_CELL = ("model", "format", "device", "batch")
_LATENCY_NOTES = (
    (
        "p50 is the median of single calls, from p25 to p75, and samples/second is the batch size divided by it. Both "
        "are of uncontended calls. The comparison latency is what comparisons use, because it varies least between "
        "unchanged runs: the lower quartile of the rounds' p10, at the usual speed of the machine in the run."
    ),
    f"A p90 needs {P90_LEAST_CALLS} calls and a p99 {P99_LEAST_CALLS} calls (the bounds of MLPerf LoadGen).",
    (
        "A latency is unstable where the machine prevented the 95% interval of its median from meeting the target of "
        "the profile; the table of how latencies vary lists possible causes."
    ),
)


def training_table(found: Observations) -> Table:
    """Every training, on each device."""
    notes = (
        (
            "Training time is the sum of the epochs, without validation; its spread is that sum at the pace of the "
            "fastest and of the slowest epoch. The first step, with tracing and compilation, is not part of it."
        ),
    )
    names = (*_CELL, "training_time", "rate", "accuracy", "first_step")
    return replace(_table(found, TRAIN, "train", "Training", names, notes), printed=True)


def latency_table(found: Observations) -> Table:
    """Every latency: the median, what comparisons use, the tails and the throughput."""
    names = (*_CELL, "time", "judged", "p90", "p99", "rate", "state")
    return replace(_table(found, LATENCY, "latency", "Latency", names, _LATENCY_NOTES), printed=True)


def limits_table(found: Observations) -> Table:
    """Every latency under the roofs of its own run."""
    names = ("cell", "work", "bytes", "intensity", "attained", "share", "bound", "overhead", "arithmetic")
    notes = (
        (
            "The roof is the lower of the machine's peak in that arithmetic and of the operations per byte times its "
            "bandwidth. Both are measured in this run, on the same device and with as many threads. Bytes are the least "
            "that must move: every weight once, input and output. A cell is bound by call overhead where more than "
            "half of its time does not depend on the batch size and is not the reading of weights. Operations are "
            "dense: zero weights are multiplied too."
        ),
    )
    return _table(found, LATENCY, "limits", "What limits each latency", names, notes)


def timed_tables(found: Observations) -> tuple[Table, ...]:
    """How latencies vary, how calls start, and what they take besides time."""
    return (_variation(found), _cold_start(found), _resources(found))


def _variation(found: Observations) -> Table:
    names = (
        *("cell", "p50", "width", "state", "ended", "min", "iqr", "drift", "outliers"),
        *("contended", "slowdown", "calls", "rounds", "calls_per_sample", "causes"),
    )
    notes = (
        (
            "p50 has its 95% interval, in which rounds, not calls, are independent (an order-statistic interval for "
            "clusters); the half-width is a share of p50. A cell is measured in interleaved rounds until the half-width "
            "meets the target of the profile. Possible causes are what was seen at the same time; they need not be the "
            "reason."
        ),
        (
            "All but the counts are of uncontended calls. Contended calls had a co-runner on their core, as the "
            "contention probe saw it; the slowdown compares their median with that of the others."
        ),
        (
            "Drift is Sen's slope of the rounds' medians over the run. Outliers lie more than three IQRs above p75. "
            "Samples are the calls that were kept; of a round with very many calls, a part that is spread over it."
        ),
    )
    return _table(found, LATENCY, "variation", "How latencies vary", names, notes)


def _cold_start(found: Observations) -> Table:
    names = (
        *("cell", "load", "loads", "first", "warmup", "warm", "time", "clock"),
        *("compute_only", "compute_clock", "threads", "cores"),
    )
    notes = (
        (
            "Load is from the file to a runner that can be called; the first call after it is separate. Warm-up ends "
            "when a Mann-Kendall test finds no further speed-up, or when its time or its calls are used up. Compute "
            "only is the median of calls without the copies of input and output."
        ),
    )
    return _table(found, LATENCY, "cold_start", "Cold start, and what the clock contains", names, notes)


def _resources(found: Observations) -> Table:
    names = ("cell", "memory", "energy", "instructions", "cycles", "misses")
    notes = (
        (
            "Peak memory is what loading and calling use beyond a process that has only imported the runtime. Energy "
            "is of the whole machine during the calls, from its own meters."
        ),
    )
    return _table(found, LATENCY, "resources", "Memory, energy and processor counts", names, notes)


def _table(
    found: Observations, kind: str, key: str, title: str, measures: Sequence[str], notes: Sequence[str]
) -> Table:
    cells = [each.cell for each in found.where(kind)]
    return measured_table(found, key, title, tuple(map(column, measures)), cells, notes)
