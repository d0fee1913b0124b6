from lab4.formats import FORMATS
from lab4.testing import FormatConformance


class TestOurs(FormatConformance):
    names = tuple(FORMATS.own)
