"""Statistics of samples, pure and in the standard library alone: quantiles, intervals, steadiness, when to stop.

Knows: numbers. Does not know: what was measured, what is good or bad.
"""
