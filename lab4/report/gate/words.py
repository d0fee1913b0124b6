"""The gate's numbers and sentences, the same in every output."""

from collections import Counter
from collections.abc import Sequence

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.verdict import Evidence, ExitCode, Gate, Judged, Verdict
from lab4.analysis.tables import Kind
from lab4.report.units import number, unit

__all__ = [
    "KINDS",
    "amount",
    "by_gravity",
    "change",
    "interval",
    "reckoning",
    "signed",
    "summary",
    "telling",
    "threshold",
]

#: The unit of a figure by its quantity.
KINDS: dict[str, Kind] = {
    "time": "milliseconds",
    "rate": "rate",
    "memory": "bytes",
    "energy": "millijoules",
    "share": "percent",
    "number": "ratio",
}
#: What people must see first.
_ORDER = (Verdict.WORSE, Verdict.MISSING, Verdict.INCONCLUSIVE, Verdict.BETTER, Verdict.NEW, Verdict.SAME)
#: How many of the cells that the gate sees least in are named.
_NAMED = 3
#: From here on a change has no number.
_ENDLESS = 10.0


def by_gravity(judged: Sequence[Judged]) -> list[Judged]:
    """What stops first, then by verdict; otherwise in the order of the run."""
    return sorted(judged, key=lambda each: (each.stops is ExitCode.PASSED, _ORDER.index(each.verdict)))


def telling(judged: Sequence[Judged]) -> list[Judged]:
    """All but those that are the same as before."""
    return [each for each in by_gravity(judged) if each.verdict is not Verdict.SAME or each.stops]


def amount(value: float | None, figure: str) -> str:
    """A figure's value with its unit; a dash where there is none."""
    if value is None or figure not in FIGURES:
        return "-"
    kind = KINDS[FIGURES[figure].quantity]
    return f"{number(value, kind)}{'' if unit(kind) == '%' else ' '}{unit(kind)}"


def change(evidence: Evidence, figure: str) -> str:
    """The change in percent, or in points for shares."""
    return "-" if evidence.change is None else signed(evidence.change, figure)


def interval(evidence: Evidence, figure: str) -> str:
    """The change's 95% interval."""
    if evidence.low is None or evidence.high is None:
        return "-"
    return f"{signed(evidence.low, figure).removesuffix(' points')} to {signed(evidence.high, figure)}"


def threshold(evidence: Evidence, figure: str) -> str:
    """The least change for the worse that would have been called so; a dash where nothing tells it."""
    if evidence.threshold is None or evidence.threshold >= _ENDLESS:
        return "-"
    return signed(evidence.threshold, figure).removeprefix("+")


def signed(value: float, figure: str, digits: int = 1) -> str:
    """A change of a figure in percent with so many decimals, or in points for shares."""
    share = figure in FIGURES and FIGURES[figure].quantity == "share"
    return f"{100 * value:+.2f} points" if share else f"{100 * value:+.{digits}f}%"


def summary(gate: Gate) -> str:
    """One sentence: what the gate says, and of how much."""
    if gate.fault is not None:
        return f"gate: cannot judge: {gate.fault}"
    counts = Counter(each.verdict for each in gate.judged)
    found = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in _ORDER if counts[verdict])
    stopping = sum(each.stops is gate.exit_code for each in gate.judged)
    says = {
        ExitCode.PASSED: "passed" if gate.first is None else "passed without a baseline (by first-run-ok)",
        ExitCode.REGRESSION: f"regression ({stopping} stop it)",
        ExitCode.CANNOT_JUDGE: f"cannot judge ({stopping} of the verdicts)",
        ExitCode.NO_BASELINE: "no baseline yet",
    }[gate.exit_code]
    return f"gate: {says}: {found}"


def reckoning(gate: Gate) -> list[str]:
    """How far the gate itself can be trusted, by its own baselines."""
    found = gate.reckoning
    if gate.fault is not None:
        return []
    if found is None:
        return ["The gate's own false alarm rate is told from three baseline runs of this machine on; give more."]
    if not found.trials:
        first = (
            f"False alarms: all looks together raise one in at most {found.at_most:.1%} of comparisons of unchanged "
            "code, by the test's own rule."
        )
    else:
        first = (
            f"False alarms here: each of {found.trials} baseline runs was judged against the others, and "
            f"{found.alarms} raised an alarm (so at most {found.at_most:.0%} of unchanged runs do, at 95% confidence)."
        )
    lines = [first]
    if found.detectable:
        ordered = sorted(found.detectable, key=lambda each: each[1])
        least = ", ".join(f"{cell} {_size(size)}" for cell, size in ordered[-_NAMED:][::-1])
        middle = ordered[len(ordered) // 2][1]
        lines.append(
            f"Smallest latency change seen in 80 of 100 runs: {_size(middle)} in the middle cell; largest: {least}."
        )
    return lines


def _size(change: float) -> str:
    """A change that is so large that it is none anybody waits for has no number."""
    return f"{change:.1%}" if change < _ENDLESS else "more than tenfold"
