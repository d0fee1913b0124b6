"""Stands in for Hypothesis's plugin in runs that tests start: the real one imports all of Hypothesis as a run ends."""
