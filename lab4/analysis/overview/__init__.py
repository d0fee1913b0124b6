"""The general report: everything that runs have measured, whatever was in them; no name, batch size or form is known.

Knows: observations and traits. Does not know: the course form, output formats.
"""

from lab4.analysis.overview.report import report

__all__ = ["report"]
