"""What a technique's file provides, and what it may ask for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lab4.domain.catalogue import Promise, TechniqueTraits
from lab4.domain.untyped import Untyped


class Trainer(Protocol):
    """Trains a model on, on the training images only, with the run's optimizer, loss, epochs and seed."""

    @property
    def steps(self) -> int:
        """Optimizer steps that one `fit` makes."""

    def fit(self, model: Untyped, callbacks: Sequence[Any] = ()) -> None:
        """Compile ``model`` with a fresh optimizer and train it in place."""


@dataclass(frozen=True, slots=True)
class Check:
    """How a promise is verified in an artifact.

    ``count(kernels)`` takes every weight of two or more dimensions as the artifact stores it (NumPy arrays) and returns
    what the promise limits. ``slack`` is how far past the limit rounding may take it.
    """

    promise: Promise
    count: Callable[[Iterable[Any]], float]
    slack: float = 0.0

    def is_kept(self, counted: float) -> bool:
        """Whether the count is within the promise's limits."""
        least, most = self.promise.at_least, self.promise.at_most
        return (least is None or counted >= least - self.slack) and (most is None or counted <= most + self.slack)


class Technique(Protocol):
    """A way to change a trained model.

    ``checks`` verify what ``traits.promises`` says, one for each promise. ``distributions`` are the packages
    whose versions decide what it makes, in addition to those that train.
    """

    @property
    def traits(self) -> TechniqueTraits:
        """What it is."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """How its promises are verified."""

    @property
    def distributions(self) -> tuple[str, ...]:
        """Names of packages."""

    def apply(self, model: Untyped, trainer: Trainer) -> Untyped:
        """Return a new trained model; ``model`` is left as it was."""
