"""Probes of fixed work, which show how the machine is: how fast just now, and whether its cores have co-runners.

Knows: fixed work and the clock. Does not know: what is measured beside it.
"""
