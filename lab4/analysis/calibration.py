"""Known spreads, estimated from repeated runs of unchanged code; `lab4.analysis.spreads` reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt
from statistics import variance
from typing import Any

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.peers import by_peers
from lab4.analysis.gate.sides import TIMED
from lab4.analysis.gate.timed import Comparison, comparison_of
from lab4.analysis.policy import Policy
from lab4.analysis.spreads import ANY, SCHEMA
from lab4.domain.figures import RunFigures

#: Of the cells of a kind this share varies less than what is written: the others must not raise alarms.
_SHARE = 0.9
#: A lower bound: of an hour that is calmer than any other.
_LEAST = 0.003
#: By experiment (`red_builds.py`): what is known of a kind counts as much as so many runs of a cell; for each run that
#: showed it, as much as two.
_FREEDOM, _OF_A_RUN = 12.0, 2.0
#: Peaks of such a quantity jump in a cell or two of any runtime: more cells show that better.
_OF_ALL_RUNTIMES = "memory"


@dataclass(frozen=True, slots=True)
class Hour:
    """Runs of unchanged code on one machine in one hour; with ``interleaved`` ones, the n-th next to the n-th."""

    name: str
    runs: Sequence[RunFigures]
    interleaved: Sequence[RunFigures] = ()

    def joined(self, other: "Hour") -> "Hour":
        """Both, one after the other."""
        return Hour(self.name, [*self.runs, *other.runs], [*self.interleaved, *other.interleaved])

    def compared(self) -> Comparison:
        """The pairs, or the same runs as both sides."""
        return comparison_of(self.runs, self.interleaved or self.runs, Policy(), paired=bool(self.interleaved))


def spreads_document(hours: Sequence[Hour]) -> dict[str, Any]:
    """What a file of spreads holds; each of ``hours`` needs three runs or more.

    Hours of one machine and profile count as one: a baseline is of another hour than its candidate, too.
    """
    variances: dict[tuple[str, str, str, str], list[float]] = {}
    alike: dict[tuple[str, str, bool], Hour] = {}
    sources = []
    for hour in hours:
        profile, machine = hour.runs[0].settings.profile, hour.runs[0].machine
        facts = {"hour": hour.name, "processor": machine.cpu, "cores": machine.logical_cores, "profile": profile}
        sources.append({**facts, "runs": len(hour.runs), "interleaved": bool(hour.interleaved)})
        same = machine.hardware_id, profile, bool(hour.interleaved)
        alike[same] = alike[same].joined(hour) if same in alike else hour
    for (_, profile, _), hour in alike.items():
        for (name, runtime, kind), found in _variances(hour.compared()).items():
            runtimes = {ANY} if FIGURES[name].quantity == _OF_ALL_RUNTIMES else {runtime, ANY}
            for key in product([name], (profile, ANY), sorted(runtimes), [kind]):
                variances.setdefault(key, []).extend(found)
    deviations: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for (name, profile, runtime, kind), found in variances.items():
        ordered = sorted(map(sqrt, found))
        value = max(_LEAST, ordered[int(_SHARE * (len(ordered) - 1))])
        of_profile = deviations.setdefault(name, {}).setdefault(profile, {})
        of_profile.setdefault(runtime, {})[kind] = float(f"{value:.2g}")
    freedom = min(_FREEDOM, _OF_A_RUN * (sum(len(hour.runs) for hour in hours) - 1))
    return {"schema": SCHEMA, "freedom": freedom, "runs": sources, "deviations": deviations}


def _variances(compared: Comparison) -> dict[tuple[str, str, str], list[float]]:
    """By figure, runtime and kind, the variance of each cell between these runs."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for name in TIMED:
        sides = compared.sides[name][0]
        kinds = {"paired": sides}
        if not compared.paired:
            relative, groups = by_peers(sides, compared.groups)
            kinds = {"own": sides, "relative": relative, "group": groups}
        for kind, values in kinds.items():
            for cell in values.medians:
                key = name, compared.known_by[cell], kind
                # Of all runs, bad ones too: what is known must cover them.
                if compared.paired:
                    found.setdefault(key, []).append(values.spread(cell).variance)
                elif len(values.values[cell][0]) > 1:  # a percentile that one run alone has says nothing
                    found.setdefault(key, []).append(variance(values.values[cell][0]))
    return found
