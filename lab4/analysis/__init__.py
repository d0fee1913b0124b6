"""Runs in, plain tables and documents out: statistics, comparisons, the gate, the general report. Pure."""
