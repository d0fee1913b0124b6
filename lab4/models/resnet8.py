"""ResNet-8 of MLPerf Tiny's image classification: 78,666 parameters on 32x32x3 images of 10 classes.

Three stacks of two convolutions; shortcuts that change size are convolutions of 1x1 without batch normalization.
Source: Banbury and others, "MLPerf Tiny Benchmark", 2021, and the benchmark's reference code.
"""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model

_FILTERS = (16, 32, 64)
_WEIGHT_DECAY = 1e-4
#: Keras's 0.99 still has most of its first variance after the few hundred steps that a run here trains for.
_MOMENTUM = 0.9


def _conv(filters: int, size: int, strides: int = 1) -> Untyped:
    decay = keras().regularizers.l2(_WEIGHT_DECAY)
    return keras().layers.Conv2D(
        filters, size, strides, padding="same", kernel_initializer="he_normal", kernel_regularizer=decay
    )


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    inputs = layers.Input(image_shape)
    values = layers.ReLU()(layers.BatchNormalization(momentum=_MOMENTUM)(_conv(_FILTERS[0], 3)(inputs)))
    for index, filters in enumerate(_FILTERS):
        strides = 2 if index else 1
        inner = layers.ReLU()(layers.BatchNormalization(momentum=_MOMENTUM)(_conv(filters, 3, strides)(values)))
        inner = layers.BatchNormalization(momentum=_MOMENTUM)(_conv(filters, 3)(inner))
        shortcut = _conv(filters, 1, strides)(values) if index else values
        values = layers.ReLU()(layers.Add()([shortcut, inner]))
    values = layers.Flatten()(layers.AveragePooling2D(min(values.shape[1:3]))(values))
    outputs = layers.Dense(classes, activation="softmax", kernel_initializer="he_normal")(values)
    return keras().Model(inputs, outputs, name="resnet8")


RESNET8 = Model(
    ModelTraits("resnet8", "ResNet-8", task="classification", original_format="keras", architecture="convolutional"),
    _build,
)
