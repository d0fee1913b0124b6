"""The gate's numbers and sentences, shared by all reports."""

from collections import Counter
from collections.abc import Sequence

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.verdict import Evidence, ExitCode, GateResult, Verdict, VerdictOutcome
from lab4.analysis.tables import Kind
from lab4.report.units import number, unit

__all__ = [
    "KINDS",
    "amount",
    "by_severity",
    "change",
    "interval",
    "notable",
    "self_check_lines",
    "signed",
    "summary",
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
#: The most important first.
_ORDER = (
    VerdictOutcome.WORSE,
    VerdictOutcome.MISSING,
    VerdictOutcome.INCONCLUSIVE,
    VerdictOutcome.BETTER,
    VerdictOutcome.NEW,
    VerdictOutcome.SAME,
)
#: How many of the cells with the largest detectable change are named.
_NAMED = 3
#: A larger change is printed as a bound.
_TENFOLD = 10.0


def by_severity(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that stop the gate first, then by outcome, then in the order of the run."""
    return sorted(verdicts, key=lambda each: (each.stops is ExitCode.PASSED, _ORDER.index(each.outcome)))


def notable(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts by severity, without those that are *same*."""
    return [each for each in by_severity(verdicts) if each.outcome is not VerdictOutcome.SAME or each.stops]


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
    """The smallest change that would have been called worse; a dash where it is unknown or tenfold."""
    if evidence.threshold is None or evidence.threshold >= _TENFOLD:
        return "-"
    return signed(evidence.threshold, figure).removeprefix("+")


def signed(value: float, figure: str, digits: int = 1) -> str:
    """A change of a figure in percent with so many decimals, or in points for shares."""
    share = figure in FIGURES and FIGURES[figure].quantity == "share"
    return f"{100 * value:+.2f} points" if share else f"{100 * value:+.{digits}f}%"


def summary(gate: GateResult) -> str:
    """One sentence: how the gate ended, and the number of verdicts by outcome."""
    if gate.fault is not None:
        return f"gate: cannot judge: {gate.fault}"
    counts = Counter(verdict.outcome for verdict in gate.verdicts)
    counted = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in _ORDER if counts[outcome])
    stopping = sum(verdict.stops is gate.exit_code for verdict in gate.verdicts)
    ended = {
        ExitCode.PASSED: "passed" if gate.first is None else "passed without a baseline (first-run-ok)",
        ExitCode.REGRESSION: f"regression ({_counted(stopping)})",
        ExitCode.CANNOT_JUDGE: f"cannot judge ({_counted(stopping)})",
        ExitCode.NO_BASELINE: "no baseline yet",
    }[gate.exit_code]
    return f"gate: {ended}: {counted}"


def _counted(verdicts: int) -> str:
    return "1 verdict" if verdicts == 1 else f"{verdicts} verdicts"


def self_check_lines(gate: GateResult) -> list[str]:
    """The gate's false alarm rate on its own baselines, and the changes that it can detect."""
    check = gate.self_check
    if gate.fault is not None:
        return []
    if check is None:
        return ["Self-check: needs three baseline runs of this machine to estimate the false alarm rate."]
    if not check.trials:
        first = (
            f"False alarms: by design in at most {check.at_most:.1%} of comparisons of unchanged code, "
            "over all interim analyses."
        )
    else:
        first = (
            f"Self-check: each of {check.trials} baseline runs was judged against the others; {check.alarms} raised a "
            f"false alarm (at most {check.at_most:.0%} of unchanged runs do, at 95% confidence)."
        )
    if not check.detectable:
        return [first]
    ordered = sorted(check.detectable, key=lambda each: each[1])
    largest = ", ".join(f"{cell} {_size(size)}" for cell, size in ordered[-_NAMED:][::-1])
    middle = ordered[len(ordered) // 2][1]
    return [
        first,
        f"Latency change that 80 of 100 runs would detect: {_size(middle)} in the median cell; largest: {largest}.",
    ]


def _size(change: float) -> str:
    return f"{change:.1%}" if change < _TENFOLD else "more than tenfold"
