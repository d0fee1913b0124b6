"""The statistic that judges: what two runs, formats or machines are compared by."""

from lab4.domain.observed import Latency

__all__ = ["JUDGING", "judging_s"]

#: What the judging statistic is called in headings.
JUDGING = "fastest call"


def judging_s(latency: Latency) -> float:
    """Return the statistic that judges, in seconds: the minimum."""
    return min(latency.calls.samples_s)
