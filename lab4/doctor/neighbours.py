"""Whether something else works on the same core."""

from collections.abc import Sequence
from time import sleep

from lab4.doctor.finding import Finding, disturbs, good
from lab4.doctor.system import System
from lab4.kernels.beside import here
from lab4.sampling.contention import is_alone, quietest

__all__ = ["check", "judged"]

_MOMENTS, _APART_S = 100, 0.005
_MOST = 0.05


def check(_: System) -> Finding:
    """Look at a hundred moments of half a second: who shares a core's arithmetic units slows one kernel, not both."""
    looks = []
    for _moment in range(_MOMENTS):
        looks.append(here())
        sleep(_APART_S)
    return judged(looks)


def judged(looks: Sequence[tuple[float, float]]) -> Finding:
    """Judge what the reference and the contention kernel took, moment by moment, in seconds."""
    levels = {0: quietest(looks)}
    share = sum(not is_alone({0: contention / reference}, levels) for reference, contention in looks) / len(looks)
    if share <= _MOST:
        return good(f"nothing else works on the same core (in {1 - share:.0%} of moments)")
    return disturbs(
        f"something else works on the same core, in {share:.0%} of moments: a neighbour on its other hardware thread, "
        "or a program of your own",
        "end what else runs; latencies are judged by the passes that it left alone, so give more of them: "
        "--lab4-profile thorough",
    )
