"""Runs in, plain tables out: statistics, worksheet rows, the choices of Part 5. Pure.

Knows: what was observed, and how to judge it. Does not know: files, formats of output, units for people.
"""
