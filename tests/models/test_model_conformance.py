from lab4.models import MODELS
from lab4.testing import ModelConformance

#: Nets that need more epochs of few images than others, and nets whose normalizations need some hundred steps besides.
SLOW, DEEP = ("ds_cnn", "fc_autoencoder"), ("mobilenet_v1_025",)


class TestOurs(ModelConformance):
    names = tuple(name for name in MODELS.own if name not in (*DEEP, *SLOW))


class TestDeep(ModelConformance):
    names = DEEP
    epochs = 40


class TestSlow(ModelConformance):
    names = SLOW
    epochs = 20
