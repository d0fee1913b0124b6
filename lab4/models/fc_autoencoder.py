"""The autoencoder of MLPerf Tiny's anomaly detection: 269,992 parameters on 640 features.

Four hidden layers of 128 units, one of 8, and four of 128, each normalized; it returns the features that it is given.
Source: Koizumi and others, "DCASE2020 Challenge Task 2", 2020; Banbury and others, "MLPerf Tiny Benchmark", 2021, and
its reference code.
"""

from lab4.domain.catalogue import RECONSTRUCTION, ModelTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras
from lab4.models.model import Model

_UNITS = (128, 128, 128, 128, 8, 128, 128, 128, 128)
#: Keras's 0.99 still has most of its first variance after the few hundred steps that a run here trains for.
_MOMENTUM = 0.9


def _build(image_shape: tuple[int, int, int], _classes: int) -> Untyped:
    layers = keras().layers
    inputs = layers.Input(image_shape)
    features = values = layers.Flatten()(inputs)
    for units in _UNITS:
        values = layers.BatchNormalization(momentum=_MOMENTUM)(layers.Dense(units)(values))
        values = layers.ReLU()(values)
    outputs = layers.Dense(features.shape[1])(values)
    return keras().Model(inputs, outputs, name="fc_autoencoder")


FC_AUTOENCODER = Model(
    ModelTraits(
        "fc_autoencoder",
        "FC Autoencoder",
        task=RECONSTRUCTION,
        original_format="keras",
        architecture="fully connected",
    ),
    _build,
)
