"""LeNet-5 (LeCun et al., "Gradient-based learning applied to document recognition", 1998), with today's pooling."""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models import Model

__all__ = ["LENET_5"]


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    return keras().Sequential(
        [
            layers.Input(image_shape),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(classes, activation="softmax"),
        ],
        name="lenet5",
    )


LENET_5 = Model(
    ModelTraits("LeNet-5", "LeNet-5", task="classification", original_format="keras", architecture="convolutional"),
    _build,
)
