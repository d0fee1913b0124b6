"""LeNet-300-100: 266,610 parameters on 28x28x1 images of 10 classes.

Source: LeCun and others, "Gradient-based learning applied to document recognition", 1998, with the ReLU that papers on
pruning use.
"""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    return keras().Sequential(
        [
            layers.Input(image_shape),
            layers.Flatten(),
            layers.Dense(300, activation="relu"),
            layers.Dense(100, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ],
        name="lenet_300_100",
    )


LENET_300_100 = Model(
    ModelTraits(
        "lenet_300_100",
        "LeNet-300-100",
        task="classification",
        original_format="keras",
        architecture="fully connected",
    ),
    _build,
)
