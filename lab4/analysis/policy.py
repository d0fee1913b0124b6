"""A project's policy for its gate: ``[tool.lab4.gate]``, checked. A mistake is refused with the key at fault."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from lab4.analysis.figures import FIGURES, FigureTraits
from lab4.analysis.spreads import KnownSpreads, built_in
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.pattern import is_like
from lab4.domain.text import printable_values
from lab4.domain.untyped import Untyped

_WHERE = "[tool.lab4.gate]"
#: Units of a limit by the figure's quantity, each with its factor to seconds, bytes, joules and so on.
_UNITS: Mapping[str, Mapping[str, float]] = {
    "time": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60.0},
    "memory": {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30},
    "energy": {"J": 1.0, "mJ": 1e-3, "uJ": 1e-6, "µJ": 1e-6},
    "rate": {"samples/s": 1.0},
    "share": {"%": 1e-2},
    "number": {"": 1.0, "%": 1e-2},
}
_EXAMPLES = {
    "time": "1.5 ms",
    "memory": "250 kB",
    "energy": "5 mJ",
    "rate": "1000 samples/s",
    "share": "97%",
    "number": "0.97",
}
#: Whether a release may pass although a machine cannot be judged.
_STOPS, _WARNS = "stop", "warn"
_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*(.*?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """What a rule covers: a pattern of cells with ``*`` and ``?``, and a figure or ``*`` for all."""

    cells: str = "*"
    figure: str = "*"

    def covers(self, cell: str, figure: str) -> bool:
        """Whether the rule covers this figure of this cell."""
        return self.figure in {"*", figure} and is_like(cell, self.cells)


@dataclass(frozen=True, slots=True)
class ThresholdRule(PolicyRule):
    """The change that is tolerated: a fraction, or points of 1 for shares; ``in_points`` is how it was written."""

    change: float = 0.0
    in_points: bool | None = None


@dataclass(frozen=True, slots=True)
class BudgetRule(PolicyRule):
    """The limits of a figure, in base units; ``written`` is the limit as the policy has it."""

    at_most: float | None = None
    at_least: float | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class ExpectedRule(PolicyRule):
    """A known change for the worse: accepted up to ``change``, until the day ``until`` (inclusive)."""

    change: float = 0.0
    until: date = date.max
    reason: str = ""
    in_points: bool | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Later rules override earlier ones. ``false_alarms`` is the share of unchanged runs that may be stopped.

    The gate cannot judge where it could not have seen a change of a latency by ``must_detect``, a fraction.
    ``spreads`` are known beforehand; ``spreads_file`` is where they are to be read from, empty for the built-in ones.
    A release must have the ``machines``, patterns of their names; ``unjudged_only_warns``: it may pass although one of
    its machines cannot be judged. ``remark`` is what a gate is to say of how the policy was read.
    """

    false_alarms: float = 0.01
    must_detect: float = 1.0
    spreads_file: str = ""
    spreads: KnownSpreads = field(default_factory=built_in)
    thresholds: Sequence[ThresholdRule] = ()
    warn: Sequence[PolicyRule] = ()
    budgets: Sequence[BudgetRule] = ()
    expected: Sequence[ExpectedRule] = ()
    machines: Sequence[str] = ()
    unjudged_only_warns: bool = False
    remark: str = ""

    def tolerance(self, cell: str, figure: str, default: float) -> float:
        """The tolerated change of this figure of this cell."""
        return next((rule.change for rule in reversed(self.thresholds) if rule.covers(cell, figure)), default)

    def only_warns(self, cell: str, figure: str) -> bool:
        """Whether a verdict on this figure of this cell is only reported."""
        return any(rule.covers(cell, figure) for rule in self.warn)


def require_known_figures(policy: Policy, known: Mapping[str, FigureTraits]) -> None:
    """Refuse a rule about a figure that the runs cannot have; a project's file can only name figures.

    Raises:
        UnknownNameError: with the valid names.
        Lab4Error: for a change of a metric in percent that has points, or the other way round.
    """
    for rule in (*policy.thresholds, *policy.warn, *policy.budgets, *policy.expected):
        if rule.figure not in {"*", *known}:
            raise UnknownNameError.among(f"figure in {_WHERE}:", rule.figure, known)
        in_points = getattr(rule, "in_points", None)
        if rule.figure in known and in_points is not None and in_points is not (known[rule.figure].quantity == "share"):
            right = "percent, such as '5%'" if in_points else "points, such as '0.5 points'"
            raise Lab4Error(f"{_WHERE}: write a change of {rule.figure} in {right}")


def policy_of(table: Untyped) -> Policy:
    """Make the policy of a table read from TOML; raises `Lab4Error` that names the key at fault."""
    table = printable_values(table)
    lists = ["thresholds", "warn", "budgets", "expected"]
    single = ["false-alarms", "must-detect", "spreads", "machines", "unjudged-machines"]
    _check_keys(table, [*single, *lists], _WHERE)
    return Policy(
        _rate(table["false-alarms"]) if "false-alarms" in table else Policy().false_alarms,
        _must_detect(table["must-detect"]) if "must-detect" in table else Policy().must_detect,
        _path(table.get("spreads", "")),
        thresholds=_rules(table, "thresholds", _threshold, ["change"]),
        warn=_rules(table, "warn", _warning, []),
        budgets=_rules(table, "budgets", _budget, ["at-most", "at-least"]),
        expected=_rules(table, "expected", _expected, ["change", "until", "reason"]),
        machines=_names(table.get("machines", [])),
        unjudged_only_warns=_only_warns(table.get("unjudged-machines", _STOPS)),
    )


def _check_keys(table: Untyped, known: Sequence[str], where: str) -> None:
    if not isinstance(table, dict):
        raise Lab4Error(f"{where} must be a table")
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise Lab4Error(f"{UnknownNameError.among(f'key in {where}:', key, known)}{hint}")


R = TypeVar("R", bound=PolicyRule)


def _rules(
    table: Mapping[str, Any], key: str, make: Callable[[PolicyRule, Mapping[str, Any], str], R], more: Sequence[str]
) -> tuple[R, ...]:
    entries = table.get(key, [])
    if not isinstance(entries, list):
        raise Lab4Error(f"{_WHERE} {key} must be a list of tables: [[tool.lab4.gate.{key}]]")
    rules = []
    for number, entry in enumerate(entries, 1):
        where = f"{_WHERE} {key}, entry {number}"
        _check_keys(entry, ["cells", "figure", *more], where)
        for name in ("cells", "figure"):
            if not isinstance(entry.get(name, "*"), str):
                raise Lab4Error(f"{where}: {name} must be a string in quotes")
        rules.append(make(PolicyRule(entry.get("cells", "*"), entry.get("figure", "*")), entry, where))
    return tuple(rules)


def _threshold(covered: PolicyRule, entry: Mapping[str, Any], where: str) -> ThresholdRule:
    return ThresholdRule(covered.cells, covered.figure, *_change(entry, where))


def _warning(covered: PolicyRule, entry: Mapping[str, Any], where: str) -> PolicyRule:
    if not entry:
        raise Lab4Error(f"{where} would let everything pass; name cells or a figure")
    return covered


def _budget(covered: PolicyRule, entry: Mapping[str, Any], where: str) -> BudgetRule:
    name = covered.figure
    if name == "*":
        raise Lab4Error(f"{where}: name the figure, one of {', '.join(FIGURES)}, or a metric of the runs")
    limits = [key for key in ("at-most", "at-least") if key in entry]
    if len(limits) != 1:
        raise Lab4Error(f"{where}: give either at-most or at-least")
    (limit,) = limits
    # Another name is of a metric, whose unit the runs say.
    quantity = FIGURES[name].quantity if name in FIGURES else "number"
    value, unit = _number(entry[limit])
    if value < 0 or unit not in _UNITS[quantity]:
        units = ", ".join(filter(None, _UNITS[quantity]))
        raise Lab4Error(
            f"{where}: {limit} is {entry[limit]!r}; write a number with one of {units}, such as {_EXAMPLES[quantity]!r}"
        )
    value *= _UNITS[quantity][unit]
    at_most, at_least = (value, None) if limit == "at-most" else (None, value)
    return BudgetRule(covered.cells, name, at_most, at_least, f"{limit.replace('-', ' ')} {entry[limit]}")


def _expected(covered: PolicyRule, entry: Mapping[str, Any], where: str) -> ExpectedRule:
    until, reason = entry.get("until"), entry.get("reason")
    if type(until) is not date:
        raise Lab4Error(f"{where}: until must be a date without quotes, such as 2026-12-31")
    if not isinstance(reason, str) or not reason.strip():
        raise Lab4Error(f"{where}: reason is missing; say why the change is expected")
    change, in_points = _change(entry, where)
    return ExpectedRule(covered.cells, covered.figure, change, until, reason, in_points)


def _change(entry: Mapping[str, Any], where: str) -> tuple[float, bool | None]:
    """A change as a fraction, from ``"5%"``, or ``"0.5 points"`` for shares; and whether it was written in points.

    That is checked here for what every run has, and of metrics when the runs are known.
    """
    name, written = entry.get("figure", "*"), entry.get("change")
    figure = FIGURES.get(name)
    if figure is not None and not figure.judged:
        judged = ", ".join(key for key, traits in FIGURES.items() if traits.judged)
        raise Lab4Error(f"{where}: {name} can only have budgets; name one of: {judged}")
    value, unit = _number(written)
    if value < 0 or unit not in {"%", "point", "points"}:
        raise Lab4Error(f"{where}: change is {written!r}; write '5%', or '0.5 points' for shares")
    if figure is None and name != "*":
        return value / 100, unit != "%"
    of_share = figure is not None and figure.quantity == "share"
    if of_share is (unit == "%"):
        right = "points, such as '0.5 points'" if of_share else "percent, such as '5%'"
        raise Lab4Error(f"{where}: change is {written!r}; write a change of {name} in {right}")
    return value / 100, None


def _number(written: Untyped) -> tuple[float, str]:
    """The number and the unit of a text such as ``1.5 ms``; a number below 0 for anything else."""
    match = _NUMBER.fullmatch(written) if isinstance(written, str) else None
    return (float(match[1]), match[2]) if match else (-1.0, "")


def _names(written: Untyped) -> tuple[str, ...]:
    if not isinstance(written, list) or not all(isinstance(each, str) and each.strip() for each in written):
        raise Lab4Error(f"{_WHERE} machines is {written!r}; write a list of names or patterns, such as ['rack-*']")
    return tuple(each.strip() for each in written)


def _only_warns(written: Untyped) -> bool:
    if written not in {_STOPS, _WARNS}:
        raise Lab4Error(f"{_WHERE} unjudged-machines is {written!r}; write {_STOPS!r} or {_WARNS!r}")
    return bool(written == _WARNS)


def _rate(written: Untyped) -> float:
    value, unit = _number(written)
    share = value / 100 if unit == "%" else 0.0
    if not 0 < share < 0.5:  # noqa: PLR2004  # a half is a coin
        raise Lab4Error(f"{_WHERE} false-alarms is {written!r}; write a share above 0% and below 50%, such as '1%'")
    return share


def _must_detect(written: Untyped) -> float:
    value, unit = _number(written)
    if unit != "%" or value <= 0:
        raise Lab4Error(f"{_WHERE} must-detect is {written!r}; write a change above 0%, such as '100%' for a doubling")
    return value / 100


def _path(written: Untyped) -> str:
    if not isinstance(written, str):
        raise Lab4Error(f"{_WHERE} spreads is {written!r}; write the path of a file in quotes")
    return written
