"""The models under measurement, one file each: input shape and classes to an uncompiled Keras model."""

from lab4.domain.registry import Registry
from lab4.models.model import Model

__all__ = ["MODELS", "Model"]

MODELS: Registry[Model] = Registry(
    "model",
    {
        "cnn": "lab4.models.cnn:CNN",
        "fcnn": "lab4.models.fcnn:FCNN",
        "lenet_300_100": "lab4.models.lenet_300_100:LENET_300_100",
        "lenet5": "lab4.models.lenet5:LENET5",
        "resnet8": "lab4.models.resnet8:RESNET8",
        "mobilenet_v1_025": "lab4.models.mobilenet_v1_025:MOBILENET_V1_025",
        "ds_cnn": "lab4.models.ds_cnn:DS_CNN",
        "fc_autoencoder": "lab4.models.fc_autoencoder:FC_AUTOENCODER",
    },
    "lab4.models",
    Model,
    usual=("cnn", "fcnn"),  # the worksheet's
)
