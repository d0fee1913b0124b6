"""Runners and models in, raw observations out: latency, training, accuracy, loading, sparsity.

Knows: clocks and counts. Does not know: what is good or bad, which cell asks.
"""
