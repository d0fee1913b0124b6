"""LeNet-5 as Caffe has it: 431,080 parameters on 28x28x1 images of 10 classes.

Two convolutions of 5x5 without padding, each with a maximum over 2x2, and 500 hidden units. Source: Jia and others,
"Caffe", 2014, whose net papers on pruning call LeNet-5.
"""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model

#: After two convolutions of 5 without padding and two halvings, one value is left.
_LEAST_SIDE = 16


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    height, width, _ = image_shape
    if min(height, width) < _LEAST_SIDE:
        raise UnavailableError(
            f"LeNet-5 needs images of {_LEAST_SIDE}x{_LEAST_SIDE} or more; these are {height}x{width}"
        )
    layers = keras().layers
    return keras().Sequential(
        [
            layers.Input(image_shape),
            layers.Conv2D(20, 5),
            layers.MaxPooling2D(2),
            layers.Conv2D(50, 5),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(500, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ],
        name="lenet5",
    )


LENET5 = Model(
    ModelTraits("lenet5", "LeNet-5", task="classification", original_format="keras", architecture="convolutional"),
    _build,
)
