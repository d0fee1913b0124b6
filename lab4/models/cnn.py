"""The lab's convolutional network: 421,642 parameters on 28x28x1 images of 10 classes."""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    stack = [
        layers.Input(image_shape),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(classes, activation="softmax"),
    ]
    return keras().Sequential(stack, name="cnn")


CNN = Model(
    ModelTraits("cnn", "CNN", task="classification", original_format="keras", architecture="convolutional"), _build
)
