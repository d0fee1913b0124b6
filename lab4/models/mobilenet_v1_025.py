"""MobileNet v1 (0.25) of MLPerf Tiny's visual wake words: 221,794 parameters on 96x96x3 images of 2 classes.

Source: Howard and others, "MobileNets", 2017; Banbury and others, "MLPerf Tiny Benchmark", 2021, and its code.
"""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model

_FIRST = 8
#: Filters and strides of the depthwise-separable blocks.
_BLOCKS = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1))
#: Keras's 0.99 still has most of its first variance after the few hundred steps that a run here trains for.
_MOMENTUM = 0.9


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    inputs = layers.Input(image_shape)
    values = _activated(layers.Conv2D(_FIRST, 3, 2, padding="same")(inputs))
    for filters, strides in _BLOCKS:
        values = _activated(layers.DepthwiseConv2D(3, strides, padding="same")(values))
        values = _activated(layers.Conv2D(filters, 1, padding="same")(values))
    values = layers.Flatten()(layers.AveragePooling2D(values.shape[1:3])(values))
    outputs = layers.Dense(classes, activation="softmax")(values)
    return keras().Model(inputs, outputs, name="mobilenet_v1_025")


def _activated(values: Untyped) -> Untyped:
    layers = keras().layers
    return layers.ReLU()(layers.BatchNormalization(momentum=_MOMENTUM)(values))


MOBILENET_V1_025 = Model(
    ModelTraits(
        "mobilenet_v1_025",
        "MobileNet v1 (0.25)",
        task="classification",
        original_format="keras",
        architecture="convolutional",
    ),
    _build,
)
