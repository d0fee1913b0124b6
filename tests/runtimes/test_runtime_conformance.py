from lab4.runtimes import RUNTIMES
from lab4.testing import RuntimeConformance


class TestOurs(RuntimeConformance):
    names = tuple(RUNTIMES.own)
