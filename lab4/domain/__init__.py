"""The nouns of the worksheet, as frozen types.

Knows: names, ids, units, outcomes. Does not know: files, frameworks, pytest.
"""
