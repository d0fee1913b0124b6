"""Runs, histories and policies as people name them: files, folders, addresses of stores.

Knows: where they are kept, and what figures are made of them. Does not know: command lines, pytest, and judging.
"""
