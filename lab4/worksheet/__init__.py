"""The printed course form as data, and the small interpreter that fills it from observations."""

from lab4.worksheet.fill import asked_cells, blank_form, candidate_sections, has_form_cells, worksheet

__all__ = ["asked_cells", "blank_form", "candidate_sections", "has_form_cells", "worksheet"]
