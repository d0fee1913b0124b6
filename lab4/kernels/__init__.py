"""Kernels of fixed work, which show how fast the machine is at the moment, and whether something shares its cores."""
