"""Whether the core has a co-runner."""

from collections.abc import Sequence
from time import sleep

from lab4.doctor.finding import Finding, disturbs, good
from lab4.doctor.system import System
from lab4.kernels.probe import probe_here
from lab4.sampling.contention import is_uncontended, uncontended_ratio_of

__all__ = ["check", "judged"]

_MOMENTS, _APART_S = 100, 0.005
_MOST = 0.05


def check(_: System) -> Finding:
    """Probe a hundred moments of half a second: a co-runner slows the contention probe, and not the other."""
    probes = []
    for _moment in range(_MOMENTS):
        probes.append(probe_here())
        sleep(_APART_S)
    return judged(probes)


def judged(probes: Sequence[tuple[float, float]]) -> Finding:
    """Judge what the frequency and the contention probe took, moment by moment, in seconds."""
    levels = {0: uncontended_ratio_of(probes)}
    share = sum(not is_uncontended({0: contention / reference}, levels) for reference, contention in probes) / len(
        probes
    )
    if share <= _MOST:
        return good(f"nothing else works on the same core (in {1 - share:.0%} of moments)")
    return disturbs(
        f"something else works on the same core, in {share:.0%} of moments: a neighbour on its other hardware thread, "
        "or a program of your own",
        "end what else runs; latencies are judged by the passes that it left alone, so give more of them: "
        "--lab4-profile thorough",
    )
