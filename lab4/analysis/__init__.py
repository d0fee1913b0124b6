"""Runs in, plain tables and documents out: statistics, comparisons, the gate, the general report. Pure.

Knows: what was observed, and how to judge it. Does not know: files, formats of output, units for people.
"""
