"""The results of a cross-check: the latency of a model file, as the suite and as external tools measure it."""

from dataclasses import dataclass
from typing import Literal

from lab4.domain.outcome import Unavailable

__all__ = ["SUITE", "Content", "Crosscheck", "LatencyKind", "ModelFile", "Statistic", "ToolResult"]

#: The suite's name among the results.
SUITE = "suite"

#: What the timed region contains: the whole call with the copies of input and output, or the model call without them.
Content = Literal["whole", "compute-only"]
Statistic = Literal["median", "mean"]


@dataclass(frozen=True, slots=True)
class LatencyKind:
    """Which latency a number is: two numbers are compared only if their kinds are equal."""

    content: Content
    statistic: Statistic


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file as its runtime describes it: one input, float32 or int8.

    ``item_shape`` is the input's shape without its batch dimension. ``file_batch`` is the batch size that the file
    is bound to, ``None`` where it is free; ``batch_name`` is the free dimension's name, where it has one.
    """

    path: str
    suffix: str
    input_name: str
    item_shape: tuple[int, ...]
    dtype: str
    file_batch: int | None
    batch_name: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """One latency that one tool reports: seconds per call, one value per round, or why there is none.

    ``clock`` says what the timed region contains; ``note`` says what else limits the comparison. ``reference`` is the
    name whose latency of the same kind it is compared with: the suite, or another tool.
    """

    name: str
    kind: LatencyKind
    clock: str
    observed: tuple[float, ...] | Unavailable
    note: str = ""
    reference: str = SUITE


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """All results for one file, measured in rounds whose order is drawn from ``seed``.

    ``suite`` holds the suite's own latencies by kind: seconds per call, one value per round, in the same rounds as the
    tools. ``clocks`` says what the suite's timed regions contain.
    """

    name: str
    model_file: ModelFile
    threads: int
    batch_size: int
    seed: int
    rounds: int
    suite: dict[LatencyKind, tuple[float, ...]]
    clocks: dict[Content, str]
    results: tuple[ToolResult, ...]
