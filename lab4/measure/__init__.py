"""Runners and models in, raw observations out: latency, training, accuracy, loading, sparsity."""
