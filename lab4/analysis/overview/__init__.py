"""The general report: everything that runs have measured, whatever was in them."""

from lab4.analysis.overview.report import report

__all__ = ["report"]
