"""What a cross-check observes: the suite's latency of a model file beside what other tools say of the same file."""

from dataclasses import dataclass
from typing import Literal

from lab4.domain.outcome import Unavailable

__all__ = ["SUITE", "Contender", "Content", "Crosscheck", "Figure", "Statistic", "Subject"]

#: The suite's name among the contenders.
SUITE = "suite"

#: What a clock contains: the whole call, with the copies of input and output, or the model call alone.
Content = Literal["whole", "alone"]
Statistic = Literal["median", "mean"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Which latency a number is: two numbers are compared only where their figures are the same."""

    content: Content
    statistic: Statistic


@dataclass(frozen=True, slots=True)
class Subject:
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
class Contender:
    """One figure of one tool: seconds a call, one value a round, or why there is none.

    ``clock`` says what the tool's clock contains, ``note`` what else one must know to compare. ``beside`` names whose
    same figure it is compared with: the suite, or another contender.
    """

    name: str
    figure: Figure
    clock: str
    observed: tuple[float, ...] | Unavailable
    note: str = ""
    beside: str = SUITE


@dataclass(frozen=True, slots=True)
class Crosscheck:
    """All contenders on one file, who took turns in an order that ``seed`` decides.

    ``suite`` is what the suite itself found, by figure: seconds a call, one value a round; the rounds are those of the
    contenders. ``clocks`` says what the suite's clocks contain.
    """

    name: str
    subject: Subject
    threads: int
    batch_size: int
    seed: int
    rounds: int
    suite: dict[Figure, tuple[float, ...]]
    clocks: dict[Content, str]
    contenders: tuple[Contender, ...]
