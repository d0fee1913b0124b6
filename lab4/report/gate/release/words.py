"""The sentences of a release, shared by all reports."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from math import isfinite

from lab4.analysis.gate.verdict import ExitCode, VerdictOutcome
from lab4.analysis.release.verdict import MachineGate, ReleaseResult, ReleaseVerdict
from lab4.domain.text import counted, listed, shortened
from lab4.report.gate.words import by_severity, signed, size

#: The headings of `row`.
COLUMNS = ("verdict", "on", "cell", "figure", "change", "95% interval", "p")
#: Names of machines in a sentence, and characters of a kind of machine.
_NAMED, _KIND = 6, 40
_MIN_P_VALUE = 1e-9
_ENDED = {
    ExitCode.PASSED: "passed",
    ExitCode.REGRESSION: "regression",
    ExitCode.CANNOT_JUDGE: "cannot judge",
    ExitCode.NO_BASELINE: "no baseline",
}


def ordered(release: ReleaseResult) -> list[ReleaseVerdict]:
    """The verdicts by severity; of one outcome those on more machines first."""
    found = {id(each.verdict): each for each in release.verdicts}
    by_size = [found[id(verdict)] for verdict in by_severity([each.verdict for each in found.values()])]
    groups = groupby(by_size, key=lambda each: (each.verdict.stops, each.verdict.outcome))
    return [each for _, group in groups for each in sorted(group, key=lambda one: -len(one.machines))]


def where(found: ReleaseVerdict) -> str:
    """On which of the machines that have the cell."""
    if found.is_everywhere:
        return f"all {found.among} machines"
    if len(found.machines) == 1:
        return found.machines[0]
    return f"{len(found.machines)} of {found.among}"


def row(found: ReleaseVerdict) -> tuple[str, ...]:
    """Verdict, machines, cell, figure, change, its interval and its p-value; a dash is what is unknown."""
    verdict, evidence = found.verdict, found.verdict.evidence
    change = interval = odds = "-"
    if evidence.change is not None:
        change = signed(evidence.change, verdict.quantity)
    if evidence.low is not None and evidence.high is not None:
        low = signed(evidence.low, verdict.quantity).removesuffix(" points")
        interval = f"{low} to {signed(evidence.high, verdict.quantity)}"
    if evidence.p_value is not None:
        odds = f"{evidence.p_value:.1g}" if evidence.p_value > _MIN_P_VALUE else f"<{_MIN_P_VALUE:.0e}"
    outcome = f"{verdict.outcome.value}{'!' if verdict.stops else ''}"
    return outcome, where(found), verdict.cell, verdict.figure, change, interval, odds


def attributions(found: Sequence[ReleaseVerdict]) -> list[str]:
    """What stops the release, by the machines that it is on, and what that says of its cause; the widest first."""
    by_machines: dict[tuple[tuple[str, ...], int, str, bool], list[ReleaseVerdict]] = {}
    for each in found:
        if each.verdict.stops is ExitCode.REGRESSION:
            alike = each.machines, each.among, each.kind, each.is_shared
            by_machines.setdefault(alike, []).append(each)
    return [
        f"{counted(len(those), 'figure')} on {_named(those[0])}: {_cause(those[0])}"
        for those in sorted(by_machines.values(), key=lambda each: (-len(each[0].machines), -len(each)))
    ]


def _named(found: ReleaseVerdict) -> str:
    if found.is_everywhere:
        return where(found)
    names = found.machines
    if len(names) == 1:
        return f"{names[0]} only" if found.among > 1 else f"{names[0]}, which alone has the cell"
    return f"{where(found)} machines ({listed(names, _NAMED)})"


def _cause(found: ReleaseVerdict) -> str:
    if found.is_everywhere:
        return "a change of the code"
    if found.kind:
        return f"every {shortened(found.kind, _KIND)} and no other machine: code that only these run, or their software"
    if len(found.machines) == 1:
        return "the machine, or code that only it runs"
    return "a change of the code that other machines do not show" if found.is_shared else "these machines"


def ended(machine: MachineGate) -> str:
    """How the gate of one machine ended."""
    return _ENDED[ExitCode.CANNOT_JUDGE if machine.gate.fault is not None else machine.gate.exit_code]


def machine_row(machine: MachineGate) -> tuple[str, ...]:
    """A machine, how its gate ended, its runs on both sides, its verdicts by outcome, and its hardware."""
    gate, counts = machine.gate, Counter(verdict.outcome for verdict in machine.gate.verdicts)
    numbers = [str(counts[outcome] or "-") for outcome in (VerdictOutcome.WORSE, VerdictOutcome.MISSING)]
    sides = f"{len(gate.candidates)} / {len(gate.baselines)}"
    return machine.name, ended(machine), sides, *numbers, shortened(machine.kind, _KIND) or "-"


#: The headings of `machine_row`.
MACHINE_COLUMNS = ("machine", "gate", "runs / baselines", "worse", "missing", "hardware")


def unjudged(release: ReleaseResult) -> list[str]:
    """A sentence for each machine that is missing, or that could not be judged."""
    lines = [f"{name} is missing: no run of this release is of such a machine" for name in release.missing]
    for each in release.machines:
        warns = " (the policy only warns)" if each.only_warns else ""
        if each.gate.fault is not None:
            lines.append(f"{each.name} cannot be judged: {each.gate.fault}{warns}")
        elif each.gate.first is not None:
            remedy = f"add its run to the history with: lab4 history add {each.gate.candidates[-1]}"
            lines.append(f"{each.name} has no baseline, so that only its budgets were judged; {remedy}{warns}")
    return lines


def summary(release: ReleaseResult) -> str:
    """One sentence: how the release ended, on which machines, and why."""
    code = release.exit_code
    parts = [*_regressions(release), *(f"{name} is missing" for name in release.missing)]
    unknown = [each.name for each in release.machines if not each.is_judged]
    blind = [
        each.name
        for each in release.machines
        if each.is_judged and each.gate.exit_code is ExitCode.CANNOT_JUDGE and not each.only_warns
    ]
    parts += [f"no verdict on {listed(unknown, _NAMED)}"] if unknown else []
    parts += [f"cells of {listed(blind, _NAMED)} cannot be judged"] if blind else []
    judged = sum(each.is_judged for each in release.machines)
    parts.append(f"{counted(judged, 'machine')} judged")
    return f"release: {_ENDED[code]}: {'; '.join(parts)}{_seen(release)}"


def _regressions(release: ReleaseResult) -> list[str]:
    stopping = [each for each in release.verdicts if each.verdict.stops is ExitCode.REGRESSION]
    everywhere = [each for each in stopping if each.is_everywhere]
    alone = [each for each in stopping if len(each.machines) == 1]
    several = len(stopping) - len(everywhere) - len(alone)
    found = [f"{counted(len(everywhere), 'figure')} on all machines (the code)"] if everywhere else []
    found += [f"{counted(several, 'figure')} on some machines"] if several else []
    names = list(dict.fromkeys(each.machines[0] for each in alone))
    return [*found, f"{counted(len(alone), 'figure')} on {listed(names, _NAMED)} only"] if alone else found


def _seen(release: ReleaseResult) -> str:
    """What a release that passed could have shown."""
    found = release.detectable
    if release.exit_code is not ExitCode.PASSED or not found:
        return ""
    middle, worst = found[len(found) // 2], found[-1]
    if not isfinite(middle):
        return "; no slowdown that only all of them together show would have been seen in most cells"
    worse = f"{size(worst)} in the worst" if isfinite(worst) else "none in the worst"
    return f"; a slowdown of {size(middle)} on all of them would have been seen in the median cell, {worse}"
