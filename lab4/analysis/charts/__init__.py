"""Charts of what was observed, as typed marks in base units: a file for each kind of question."""
