"""The models under measurement, one file each: input shape and classes to an uncompiled Keras model."""

from lab4.domain.registry import Registry
from lab4.models.model import Model

__all__ = ["MODELS", "Model"]

MODELS: Registry[Model] = Registry(
    "model",
    {
        "cnn": "lab4.models.cnn:CNN",
        "fcnn": "lab4.models.fcnn:FCNN",
    },
    "lab4.models",
    Model,
)
