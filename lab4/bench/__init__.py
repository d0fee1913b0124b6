"""The one place that puts the rooms together: a cell in, its measurement out.

Knows: which process does what, what is built once and kept. Does not know: judgement, pytest.
"""
