"""How much figures vary between runs of unchanged code, where the runs at hand are too few to show it.

The built-in values are from repeated real runs (`benchmarks/harness/gate_prior.py`); a project can measure its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lab4.domain.errors import Lab4Error

SCHEMA = 1
#: Means any runtime, and for any profile.
ANY = "*"
#: The kind that is the widest.
_WIDEST = "own"
#: For a figure that no repeated run has shown.
_UNKNOWN = 0.05
#: Calls that take longer, in seconds, vary several times more between runs: they meet more of what else is at work.
_LONG_S, _LONG = 1e-3, ", long calls"
#: What may be in a file: standard deviations of logarithms, and degrees of freedom.
_DEVIATIONS, _FREEDOM = (1e-6, 10.0), (0.1, 1e6)


def known_by(runtime: str, call_s: float) -> str:
    """The name by which the spreads of a runtime's cells are known: those of long calls have one of their own."""
    return f"{runtime}{_LONG}" if call_s > _LONG_S else runtime


@dataclass(frozen=True, slots=True)
class KnownSpreads:
    """Standard deviations of a figure's logarithm between runs, by figure, profile, runtime and kind of change.

    Runtimes are named as by `known_by`.

    The kinds are ``own``, a cell's value; ``relative``, that less the movement of its peers; ``group``, the movement of
    all peers; and ``paired``, a value of two interleaved runs, of which the other cancels what both have met. A single
    cell's variance is known by its runtime's to ``freedom`` degrees of freedom.
    """

    deviations: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]
    freedom: float
    source: str = "built in"

    def deviation(self, figure: str, profile: str, runtime: str, kind: str) -> float:
        """The standard deviation; of any profile, runtime or kind where this one is unknown.

        What a project's own spreads lack is the built-in one, as much wider as a cell's value varies more here.
        """
        kinds = self.kinds(figure, profile, runtime)
        if kind in kinds:
            return kinds[kind]
        usual = built_in().kinds(figure, profile, runtime)
        if kind in usual and _WIDEST in kinds:
            return usual[kind] * kinds[_WIDEST] / usual[_WIDEST]
        return usual.get(kind) or kinds.get(_WIDEST) or usual.get(_WIDEST) or _UNKNOWN

    def kinds(self, figure: str, profile: str, runtime: str) -> dict[str, float]:
        """The standard deviations that are known here, by kind."""
        by_profile = self.deviations.get(figure, {})
        kinds: dict[str, float] = {}
        for by_runtime in (by_profile.get(ANY, {}), by_profile.get(profile, {})):
            for name in (ANY, runtime.removesuffix(_LONG), runtime):
                kinds |= by_runtime.get(name, {})
        return kinds


def spreads_of(text: str, source: str) -> KnownSpreads:
    """Read known spreads.

    Raises:
        Lab4Error: one sentence that names the source, where the text is damaged or of another schema.
    """
    try:
        found: dict[str, Any] = json.loads(text)
        if found["schema"] != SCHEMA:
            raise Lab4Error(f"{source} has schema {found['schema']!r}; this version reads schema {SCHEMA}")
        deviations = {
            figure: {
                profile: {
                    runtime: {kind: _within(value, _DEVIATIONS) for kind, value in kinds.items()}
                    for runtime, kinds in runtimes.items()
                }
                for profile, runtimes in profiles.items()
            }
            for figure, profiles in found["deviations"].items()
        }
        return KnownSpreads(deviations, _within(found["freedom"], _FREEDOM), source)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Lab4Error(f"{source} is damaged, or holds no spreads between runs ({error})") from error


def _within(value: float, limits: tuple[float, float]) -> float:
    least, most = limits
    if not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{value!r} is no number from {least:g} to {most:g}")
    return float(value)


@cache
def built_in() -> KnownSpreads:
    """The spreads that lab4 ships."""
    return spreads_of(files("lab4.analysis").joinpath("spreads.json").read_text("utf-8"), "built in")
