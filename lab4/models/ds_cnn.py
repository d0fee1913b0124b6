"""DS-CNN of MLPerf Tiny's keyword spotting: 24,908 parameters on 49x10x1 features of 12 classes.

A convolution of 10x4, then four depthwise-separable blocks of 64 filters. Source: Zhang and others, "Hello Edge", 2017;
Banbury and others, "MLPerf Tiny Benchmark", 2021, and its reference code.
"""

from lab4.domain.catalogue import ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model

_FILTERS, _BLOCKS = 64, 4
#: Keras's 0.99 still has most of its first variance after the few hundred steps that a run here trains for.
_MOMENTUM = 0.9


def _build(image_shape: tuple[int, int, int], classes: int) -> Untyped:
    layers = keras().layers
    height, width, _ = image_shape
    inputs = layers.Input(image_shape)
    values = _activated(layers.Conv2D(_FILTERS, (10, 4), 2, padding="same")(inputs))
    values = layers.Dropout(0.2)(values)
    for _ in range(_BLOCKS):
        values = _activated(layers.DepthwiseConv2D(3, padding="same")(values))
        values = _activated(layers.Conv2D(_FILTERS, 1, padding="same")(values))
    values = layers.Dropout(0.4)(values)
    values = layers.Flatten()(layers.AveragePooling2D((height // 2, width // 2))(values))
    outputs = layers.Dense(classes, activation="softmax")(values)
    return keras().Model(inputs, outputs, name="ds_cnn")


def _activated(values: Untyped) -> Untyped:
    layers = keras().layers
    return layers.ReLU()(layers.BatchNormalization(momentum=_MOMENTUM)(values))


DS_CNN = Model(
    ModelTraits("ds_cnn", "DS-CNN", task="classification", original_format="keras", architecture="convolutional"),
    _build,
)
