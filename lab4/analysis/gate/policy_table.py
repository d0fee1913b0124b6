"""``[tool.lab4.gate]``, checked: a mistake is refused with the key at fault and the valid ones."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from lab4.analysis.figures import FIGURES, FigureTraits
from lab4.analysis.gate.policy import BudgetRule, ExpectedRule, Policy, PolicyRule, ThresholdRule
from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.text import printable_values
from lab4.domain.untyped import Untyped

__all__ = ["policy_of"]

_WHERE = "[tool.lab4.gate]"
#: Units of a limit by the figure's quantity, with their factors to seconds, bytes, samples/second and fractions.
_UNITS: Mapping[str, Mapping[str, float]] = {
    "time": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60.0},
    "memory": {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30},
    "rate": {"samples/s": 1.0},
    "share": {"%": 1e-2},
}
_EXAMPLES = {"time": "1.5 ms", "memory": "250 kB", "rate": "1000 samples/s", "share": "97%"}
_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*(.*?)\s*", re.ASCII)
R = TypeVar("R", bound=PolicyRule)


def policy_of(table: Untyped) -> Policy:
    """Make the policy of a table read from TOML; raises `Lab4Error` that names the key at fault."""
    table = printable_values(table)
    known = ["false-alarms", "thresholds", "warn", "budgets", "expected"]
    _check_keys(table, known, _WHERE)
    return Policy(
        false_alarms=_rate(table["false-alarms"]) if "false-alarms" in table else Policy().false_alarms,
        thresholds=_rules(table, "thresholds", _threshold, ["change"]),
        warn=_rules(table, "warn", _warning, []),
        budgets=_rules(table, "budgets", _budget, ["at-most", "at-least"]),
        expected=_rules(table, "expected", _expected, ["change", "until", "reason"]),
    )


def _check_keys(table: Untyped, known: Sequence[str], where: str) -> None:
    if not isinstance(table, dict):
        raise Lab4Error(f"{where} must be a table")
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise Lab4Error(f"{UnknownNameError.among(f'key in {where}:', key, known)}{hint}")


def _rules(
    table: Mapping[str, Any], key: str, make: Callable[[Mapping[str, Any], str], R], more: Sequence[str]
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
        if entry.get("figure", "*") not in {"*", *FIGURES}:
            raise Lab4Error(f"{where}: {UnknownNameError.among('figure', entry['figure'], FIGURES)}")
        rules.append(make(entry, where))
    return tuple(rules)


def _rule(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry.get("cells", "*"), entry.get("figure", "*")


def _threshold(entry: Mapping[str, Any], where: str) -> ThresholdRule:
    return ThresholdRule(*_rule(entry), change=_change(entry, where))


def _warning(entry: Mapping[str, Any], where: str) -> PolicyRule:
    if not entry:
        raise Lab4Error(f"{where} would let everything pass; name cells or a figure")
    return PolicyRule(*_rule(entry))


def _budget(entry: Mapping[str, Any], where: str) -> BudgetRule:
    cells, name = _rule(entry)
    if name == "*":
        raise Lab4Error(f"{where}: name the figure, one of {', '.join(FIGURES)}")
    limits = [key for key in ("at-most", "at-least") if key in entry]
    if len(limits) != 1:
        raise Lab4Error(f"{where}: give either at-most or at-least")
    value = _limit(entry[limits[0]], FIGURES[name], f"{where}: {limits[0]}")
    written = f"{limits[0].replace('-', ' ')} {entry[limits[0]]}"
    if limits[0] == "at-most":
        return BudgetRule(cells, name, at_most=value, written=written)
    return BudgetRule(cells, name, at_least=value, written=written)


def _expected(entry: Mapping[str, Any], where: str) -> ExpectedRule:
    until, reason = entry.get("until"), entry.get("reason")
    if type(until) is not date:
        raise Lab4Error(f"{where}: until must be a date without quotes, such as 2026-12-31")
    if not isinstance(reason, str) or not reason.strip():
        raise Lab4Error(f"{where}: reason is missing; say why the change is expected")
    return ExpectedRule(*_rule(entry), change=_change(entry, where), until=until, reason=reason)


def _change(entry: Mapping[str, Any], where: str) -> float:
    """A change as a fraction, from ``"5%"``, or ``"0.5 points"`` for shares."""
    name, written = entry.get("figure", "*"), entry.get("change")
    figure = FIGURES.get(name)
    if figure is not None and not figure.judged:
        judged = ", ".join(key for key, traits in FIGURES.items() if traits.judged)
        raise Lab4Error(f"{where}: {name} can only have budgets; name one of: {judged}")
    match = _NUMBER.fullmatch(written) if isinstance(written, str) else None
    if match is None or match[2] not in {"%", "point", "points"} or float(match[1]) < 0:
        raise Lab4Error(f"{where}: change is {written!r}; write '5%', or '0.5 points' for accuracy")
    of_share = figure is not None and figure.quantity == "share"
    if of_share is (match[2] == "%"):
        right = "points, such as '0.5 points'" if of_share else "percent, such as '5%'"
        raise Lab4Error(f"{where}: change is {written!r}; write a change of {name} in {right}")
    return float(match[1]) / 100


def _limit(written: Untyped, figure: FigureTraits, where: str) -> float:
    units = _UNITS[figure.quantity]
    match = _NUMBER.fullmatch(written) if isinstance(written, str) else None
    if match is None or match[2] not in units or float(match[1]) < 0:
        raise Lab4Error(
            f"{where} is {written!r}; write a number with one of {', '.join(units)}, "
            f"such as {_EXAMPLES[figure.quantity]!r}"
        )
    return float(match[1]) * units[match[2]]


def _rate(written: Untyped) -> float:
    match = _NUMBER.fullmatch(written) if isinstance(written, str) else None
    share = float(match[1]) / 100 if match is not None and match[2] == "%" else 0.0
    if not 0 < share < 0.5:  # noqa: PLR2004  # a half is a coin
        raise Lab4Error(f"{_WHERE} false-alarms is {written!r}; write a share above 0% and below 50%, such as '1%'")
    return share
