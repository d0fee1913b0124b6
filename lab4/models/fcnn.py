"""The lab's fully connected network: 235,146 parameters on 28x28x1 images of 10 classes."""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    stack = [
        layers.Input(image_shape),
        layers.Flatten(),
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(classes, activation="softmax"),
    ]
    return keras().Sequential(stack, name="fcnn")


FCNN = Model(
    ModelTraits("fcnn", "FCNN", task="classification", original_format="keras", architecture="fully connected"), _build
)
