"""What on this machine would disturb a measurement, and how to mend it; one file a check.

Knows: the system's own files and commands. Does not know: cells, runs, frameworks.
"""
