from lab4.techniques import TECHNIQUES
from lab4.testing import TechniqueConformance


class TestOurs(TechniqueConformance):
    names = tuple(TECHNIQUES.own)
