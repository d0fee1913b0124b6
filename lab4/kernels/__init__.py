"""Kernels of fixed work, which tell how the machine is: how fast just now, and whether something shares its cores."""
