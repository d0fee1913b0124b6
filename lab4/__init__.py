"""Measure, optimize and judge machine-learning models: the worksheet, and what guards it afterwards."""

__all__ = ["__version__"]

__version__ = "0.1.0"
