from lab4.testing import DatasetConformance


class TestEmbedded(DatasetConformance):
    names = ("mnist_10k",)  # the others are fetched
