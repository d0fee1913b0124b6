"""Train: seconds and samples/second in steady state, and the validation accuracy reached."""

from lab4.suite.test_train import pytestmark, test_train

__all__ = ["pytestmark", "test_train"]
