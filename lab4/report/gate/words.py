"""The gate's numbers and sentences, shared by all reports."""

from collections import Counter
from collections.abc import Sequence

from lab4.analysis.gate.verdict import ExitCode, GateResult, Verdict, VerdictOutcome
from lab4.analysis.tables import KINDS
from lab4.domain.text import counted, listed
from lab4.report.units import number, unit

#: The most important first.
_ORDER = tuple(map(VerdictOutcome, ("worse", "missing", "inconclusive", "better", "new", "same")))
#: The headings of `columns`.
COLUMNS = ("baseline", "candidate", "change", "95% interval", "threshold")
#: Runs that the self-check names.
_NAMED = 3
#: A larger change is printed as a bound.
_TENFOLD = 10.0


def by_severity(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that stop the gate first, then by outcome, the largest changes first, then in the order of the run."""

    def severity(verdict: Verdict) -> tuple[bool, int, float]:
        size = 0.0 if verdict.outcome is VerdictOutcome.SAME else abs(verdict.evidence.change or 0.0)
        return verdict.stops is ExitCode.PASSED, _ORDER.index(verdict.outcome), -size

    return sorted(verdicts, key=severity)


def notable(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts that a reader is to see, by severity: what stops, what changed, and what may have changed."""
    return [each for each in by_severity(verdicts) if each.stops or _is_notable(each)]


def _is_notable(verdict: Verdict) -> bool:
    if verdict.outcome is VerdictOutcome.INCONCLUSIVE:
        return verdict.evidence.change is not None
    return verdict.outcome not in {VerdictOutcome.SAME, VerdictOutcome.NEW}


def amount(value: float | None, quantity: str) -> str:
    """A figure's value with the unit of its quantity; a dash where there is none."""
    if value is None or quantity not in KINDS:
        return "-"
    kind = KINDS[quantity]
    return f"{number(value, kind)}{'' if unit(kind) in {'', '%'} else ' '}{unit(kind)}"


def signed(value: float, quantity: str, digits: int = 1) -> str:
    """A change in percent with so many decimals, or in points for shares."""
    return f"{100 * value:+.2f} points" if quantity == "share" else f"{100 * value:+.{digits}f}%"


def columns(verdict: Verdict) -> tuple[str, ...]:
    """Both sides' values, the change, its 95% interval, and the smallest change that would have been called worse.

    A dash is what is unknown, and a threshold that is tenfold.
    """
    evidence, quantity = verdict.evidence, verdict.quantity
    change = interval = threshold = "-"
    if evidence.change is not None:
        change = signed(evidence.change, quantity)
    if evidence.low is not None and evidence.high is not None:
        low = signed(evidence.low, quantity).removesuffix(" points")
        interval = f"{low} to {signed(evidence.high, quantity)}"
    if evidence.threshold is not None and evidence.threshold < _TENFOLD:
        threshold = signed(evidence.threshold, quantity).removeprefix("+")
    return amount(evidence.baseline, quantity), amount(evidence.candidate, quantity), change, interval, threshold


def summary(gate: GateResult) -> str:
    """One sentence: how the gate ended, and the number of verdicts by outcome."""
    if gate.fault is not None:
        return f"gate: cannot judge: {gate.fault}"
    counts = Counter(verdict.outcome for verdict in gate.verdicts)
    outcomes = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in _ORDER if counts[outcome])
    code = gate.exit_code
    stopped = counted(sum(verdict.stops is code for verdict in gate.verdicts), "verdict")
    ended = {
        ExitCode.PASSED: "passed" if gate.first is None else "passed without a baseline (first-run-ok)",
        ExitCode.REGRESSION: f"regression ({stopped})",
        ExitCode.CANNOT_JUDGE: f"cannot judge ({stopped})",
        ExitCode.NO_BASELINE: "no baseline yet",
    }[code]
    return f"gate: {ended}: {outcomes}{_seen(gate)}"


def _seen(gate: GateResult) -> str:
    """What a gate that stops nothing could have seen."""
    found = gate.detectable
    if gate.exit_code is not ExitCode.PASSED or not found:
        return ""
    middle, worst = size(found[len(found) // 2]), size(found[-1])
    return f"; a slowdown of {middle} would have been seen in the median cell, {worst} in the worst"


def self_check_lines(gate: GateResult) -> list[str]:
    """How often the gate is red on its own baselines, and on which."""
    check = gate.self_check
    if gate.fault is not None or check is None:
        return []
    if not check.trials:
        rate = f"by design in at most {check.at_most:.1%} of comparisons of unchanged code"
        return [f"False alarms: {rate}, over all interim analyses."]
    judged = f"each of {check.trials} baseline runs was judged against the others"
    most = f"at most {check.at_most:.0%} of unchanged runs do, at 95% confidence"
    runs = [f"{source} by {what}" for source, what in check.red]
    red = f"{len(runs)} ended red: {listed(runs, _NAMED)}" if runs else "none ended red"
    return [f"Self-check: {judged}; {red} ({most})."]


def size(change: float) -> str:
    """A detectable change in percent, or that it is larger than tenfold."""
    return f"{change:.0%}" if change < _TENFOLD else "more than tenfold"
