"""What the file of a model says of it, and what can be done with the model."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab4.domain.contract import Contract


@dataclass(frozen=True, slots=True)
class Operator:
    """A type of operator, how often the file has it, and the multiply-accumulates of one call.

    ``macs`` is ``None`` where they cannot be counted, and 0 for operators that do not multiply and accumulate.
    """

    type: str
    count: int
    macs: int | None = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """The constants of one dtype: how many values, and their bytes."""

    dtype: str
    values: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Inspected:
    """A model as its file describes it; nothing of it was run.

    ``container`` is the kind of file. ``versions`` are those that the file names, such as an ONNX opset, by name.
    ``parameters`` are the values of its weights. ``custom`` are operators that a runtime has only by an extension,
    ``code`` what would run code of the file's own when it is loaded. ``macs_note`` says with which dimensions
    multiply-accumulates were counted, or why they were not. ``remarks`` are sentences that the reader wants said.
    """

    container: str
    contract: Contract
    versions: Mapping[str, str]
    parameters: int
    operators: tuple[Operator, ...]
    weights: tuple[Weights, ...]
    custom: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    macs_note: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates of one call; ``None`` where those of any operator are not known."""
        counts = [each.macs for each in self.operators]
        return None if not counts or None in counts else sum(count for count in counts if count is not None)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a format, runtime or technique can be had of a model; ``how`` says by what, or why not."""

    kind: str
    name: str
    label: str
    is_reachable: bool
    how: str
