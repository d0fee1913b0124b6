"""The results of a cross-check: the latency of a model file, as the suite and as external tools measure it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lab4.domain.contract import Contract, dimension_sizes
from lab4.domain.outcome import Unavailable
from lab4.inputs import examples_for, parse_rule

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
    """A model file as it was read, and what one call of it is given.

    ``rules`` are those of inputs by name, as users write them; ``sizes`` binds dynamic dimensions by name.
    """

    path: str
    suffix: str
    contract: Contract
    rules: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def bound(self) -> dict[str, int]:
        """By name, the sizes of all dynamic dimensions that are bound."""
        sizes = dimension_sizes(self.contract, self.sizes)
        return {name: size for name, size in sizes.items() if size is not None}

    def inputs(self) -> dict[str, Any]:
        """One call's inputs: an array by name; raises `Lab4Error` where a size or a rule is missing."""
        rules = {name: parse_rule(written) for name, written in self.rules.items()}
        return dict(examples_for(self.contract, rules, self.sizes, count=1, seed=0).calls[0])


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
    seed: int
    rounds: int
    suite: dict[LatencyKind, tuple[float, ...]]
    clocks: dict[Content, str]
    results: tuple[ToolResult, ...]
