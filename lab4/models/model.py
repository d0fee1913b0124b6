"""What a model's file provides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab4.domain.catalogue import ModelTraits


@dataclass(frozen=True, slots=True)
class Model:
    """An architecture.

    ``build`` takes the shape of one image (height, width, channels) and the number of classes, and
    returns an uncompiled Keras model from float32 (n, height, width, channels) in 0..1 to class
    probabilities float32 (n, classes). Where the task of the traits is ``reconstruction``, the outputs are the values
    of the image instead, float32 (n, height * width * channels).
    """

    traits: ModelTraits
    build: Callable[[tuple[int, int, int], int], Any]

    @property
    def name(self) -> str:
        """The name in ids."""
        return self.traits.name
