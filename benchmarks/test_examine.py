"""Examine: size, accuracy, sparsity and load time of every artifact."""

from lab4.suite.test_examine import pytestmark, test_examine

__all__ = ["pytestmark", "test_examine"]
