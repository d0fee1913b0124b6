from lab4.models import MODELS
from lab4.testing import ModelConformance


class TestOurs(ModelConformance):
    names = tuple(MODELS.own)
