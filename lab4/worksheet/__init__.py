"""The printed course form as data, and the small interpreter that fills it from observations.

Knows: the form, observations, measures. Does not know: how anything was measured, or how a document is rendered.
"""

from lab4.worksheet.fill import has_form_cells, worksheet

__all__ = ["has_form_cells", "worksheet"]
