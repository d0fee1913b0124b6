"""Where a run is, for those who watch it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What a run does now: ``done`` of ``total`` cells of a phase, or other ``things``, and the one that it is at.

    Of a cell that is timed, ``median_s`` is its median so far in seconds per call, and ``half_width`` how well that is
    known, as a fraction. ``round`` is the number of the round, of usually ``rounds`` at most. ``left_s`` is how many
    seconds the phase may still take. ``counts_run`` says that the cells counted are all those of the run.
    """

    phase: str
    done: int
    total: int
    cell: str = ""
    median_s: float | None = None
    half_width: float | None = None
    round: int = 0
    rounds: int = 0
    left_s: float | None = None
    things: str = "cells"
    counts_run: bool = False
