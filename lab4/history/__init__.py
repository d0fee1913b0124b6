"""Records of what was measured: the journal of a run, run files, and the schema of both with its history.

Knows: files that may never be lost, pydantic, how domain types are written down and read back.
Does not know: frameworks, pytest, what a figure means.
"""
