from lab4.models import MODELS
from lab4.testing import ModelConformance

#: Nets whose normalizations need some hundred steps before they are right in inference.
DEEP = ("mobilenet_v1_025", "ds_cnn", "fc_autoencoder")


class TestOurs(ModelConformance):
    names = tuple(name for name in MODELS.own if name not in DEEP)


class TestDeep(ModelConformance):
    names = DEEP
    epochs = 40
