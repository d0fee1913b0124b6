"""What a technique's file provides, and what it may ask for."""

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["Technique", "Trainer"]


class Trainer(Protocol):
    """Trains a model on, on the training images alone, with the run's optimizer, loss, epochs and seed."""

    @property
    def steps(self) -> int:
        """Optimizer steps that one `fit` makes."""

    def fit(self, model: Any, callbacks: Sequence[Any] = ()) -> None:  # noqa: ANN401
        """Compile ``model`` with a fresh optimizer and train it in place."""


class Technique(Protocol):
    """A way to change a trained model.

    ``target_sparsity`` is the fraction of zero kernel weights that the result must reach, ``None``
    where the technique has no such target. A ``control`` is measured beside the techniques that train
    on, and is never itself a candidate for deployment.
    """

    @property
    def name(self) -> str:
        """The name in ids."""

    @property
    def label(self) -> str:
        """The name people read."""

    @property
    def target_sparsity(self) -> float | None:
        """Fraction 0..1, or ``None``."""

    @property
    def control(self) -> bool:
        """Whether this is a control."""

    def apply(self, model: Any, trainer: Trainer) -> Any:  # noqa: ANN401
        """Return a new trained model; ``model`` is left as it was."""
