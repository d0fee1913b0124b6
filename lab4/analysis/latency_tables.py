"""Every latency in detail: its figures, how calls vary, how they start, what they take, what limits them."""

from collections.abc import Iterable

from lab4.analysis.distribution import COMPARISON_LATENCY, MIN_ROUNDS
from lab4.analysis.measures import MeasuredTable, columns
from lab4.analysis.observations import Observations
from lab4.analysis.tables import Table
from lab4.domain.cell import LATENCY
from lab4.sampling.quantiles import TAILS

SPREAD_NOTE = (
    "Inference time is the median (p50) of single calls, from p25 to p75, and samples/second is the batch size divided "
    "by it; both describe uncontended calls, or all calls where the uncertainty is from contended ones. The "
    f"{COMPARISON_LATENCY} is the statistic that comparisons use, because it varies least between unchanged runs: "
    "their 5th percentile, at the machine's usual speed in the run. Uncertainty is the half-width of the median's 95% "
    "interval; where it is wider than the profile wants, the table of how inference times vary has the possible causes."
)
_PERCENTILE_NOTE = (
    f"A p90 is stated from {TAILS['p90'][1]} calls on and a p99 from {TAILS['p99'][1]} on (MLPerf LoadGen's bounds)."
)
#: What the figures of a latency mean.
LATENCY_NOTES = (SPREAD_NOTE, _PERCENTILE_NOTE)


EVERY = MeasuredTable(
    "inference_all",
    "Inference in every format",
    columns(
        *("model", "format", "device", "batch", "time", "uncertainty", "judged"),
        *("p90", "p99", "rate", "first", "threads", "calls"),
    ),
    (*LATENCY_NOTES, "The first call after loading is reported separately."),
)
_VARIATION_NOTES = (
    (
        "p50 has its 95% interval: rounds, not calls, are taken as independent (an order-statistic interval for "
        "clusters); uncertainty is the half-width of that interval, as a share of p50. A cell is measured in rounds "
        "spread over the run until the uncertainty is within the profile's target. For a cell that never reached it, "
        "or that was contended in nearly all rounds, possible causes are what was observed meanwhile."
    ),
    (
        "All columns except the counts describe uncontended calls. Where hardly any round has one they describe all "
        "calls, and the uncertainty says that it is from contended calls. Where fewer than "
        f"{MIN_ROUNDS} rounds have one it says how many: the interval may then be too narrow. Contended calls are the "
        "share of calls during which a co-runner used their core, by the contention probe; the slowdown is how much "
        "longer their median is."
    ),
    (
        "Drift is Sen's slope of the rounds' medians over the run; outliers lie more than three IQRs above p75. "
        "Samples are the calls that were kept: of a round with very many calls, some, spread over all of it."
    ),
)
_START_NOTE = (
    "Load is from the file to a runner that can be called; the first call after it is its own figure. Warm-up ends "
    "when a Mann-Kendall test finds that calls no longer become faster, or when its limits are reached."
)
_RESOURCES_NOTE = (
    "Peak memory is what loading and calling hold beyond a process that has only imported the runtime. Energy is that "
    "of the whole machine meanwhile, by its own meters."
)
_LIMITS_NOTE = (
    "The roof is the lower of the machine's own peak in that arithmetic and of the operations per byte times its "
    "bandwidth, all measured in this run, on the same device with the same number of threads. Bytes are the least that "
    "must move: every weight once, input and output. A cell is bound by call overhead where more than half of its time "
    "does not depend on the batch size and is not the reading of weights. Operations are dense: the zeros of a pruned "
    "model are multiplied."
)
#: How latencies vary, how calls start, and what they take besides time.
DETAILS = (
    MeasuredTable(
        "inference_variation",
        "How inference times vary",
        columns(
            *("cell", "p50", "uncertainty", "ended", "min", "iqr", "drift", "outliers"),
            *("contended", "slowdown", "calls", "rounds", "calls_per_sample", "causes"),
        ),
        _VARIATION_NOTES,
    ),
    MeasuredTable(
        "inference_start",
        "How inference starts, and what its clock contains",
        columns(
            *("cell", "compute_only", "time", "clock", "compute_clock", "load", "loads", "first"),
            *("warmup", "warm", "cores", "threads"),
        ),
        (_START_NOTE,),
    ),
    MeasuredTable(
        "inference_resources",
        "What inference takes besides time",
        columns("cell", "memory", "energy", "instructions", "cycles", "misses"),
        (_RESOURCES_NOTE,),
    ),
)
#: Every latency under the roofs of its own run.
LIMITS = MeasuredTable(
    "inference_roofline",
    "What limits inference",
    columns("cell", "work", "bytes", "intensity", "attained", "share", "bound", "overhead", "arithmetic"),
    (_LIMITS_NOTE,),
)


def latency_tables(
    observations: Observations, tables: Iterable[MeasuredTable] = (EVERY, *DETAILS, LIMITS)
) -> tuple[Table, ...]:
    """Every latency cell of the runs, whatever its outcome, in these tables; without any named in all of them."""
    cells = [each.cell for each in observations.where(LATENCY)]
    return tuple(table.of(observations, cells) for table in tables)
