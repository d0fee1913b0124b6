"""The printed course form as data, and the small interpreter that fills it from observations.

Knows: the form, observations, measures. Does not know: how anything was measured, or how a document is rendered.
"""
