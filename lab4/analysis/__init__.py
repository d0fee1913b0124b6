"""Runs in, plain tables out: statistics, worksheet rows, the choices of Part 5. Pure."""
