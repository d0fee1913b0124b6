"""``--lab4-settings``: values of runtimes' settings, as a user writes them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.registry import DEFAULT
from lab4.plugin.own_models import NEXT_PAIR
from lab4.runtimes import RUNTIMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lab4.domain.catalogue import SettingTraits


def setting_values(
    written: Iterable[str], timed: Sequence[str], where: str = "--lab4-settings"
) -> dict[str, dict[str, tuple[str, ...]]]:
    """The values of settings by runtime and name, of texts such as ``onnxruntime:graph=basic,all,spinning=off``.

    ``timed`` are the runtimes that are measured in: a setting without a runtime is one of all of them that have it.
    ``where`` they are written begins the sentence of an error.

    Raises:
        Lab4Error: in one sentence, with what is known, where a runtime, a setting or a value is not.
    """
    with Lab4Error.prefixed(f"{where}: "):
        return _setting_values(written, timed)


def _setting_values(written: Iterable[str], timed: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for pair in (pair for text in written for pair in NEXT_PAIR.split(text)):
        left, equals, values = pair.partition("=")
        runtime, colon, name = left.strip().rpartition(":")
        if not equals or not name or not values.strip() or (colon and not runtime):
            raise Lab4Error(f"{pair!r}: write [RUNTIME:]NAME=VALUE,..., such as onnxruntime:graph=basic,all")
        runtimes = [_timed(runtime, timed)] if runtime else _having(name, timed)
        for each in runtimes:
            found.setdefault(each, {})[name] = _values(each, name, values.split(","))
    return found


def _timed(runtime: str, timed: Sequence[str]) -> str:
    if runtime not in RUNTIMES:
        raise UnknownNameError(f"{UnknownNameError.among('runtime', runtime, timed)}{_near(runtime, timed)}")
    if runtime not in timed:
        raise Lab4Error(
            f"nothing that was chosen is timed in {runtime}, only in {', '.join(timed) or 'no runtime'}; "
            "choose other --lab4-formats or --lab4-runtimes"
        )
    return runtime


def _having(name: str, timed: Sequence[str]) -> list[str]:
    having = [each for each in timed if any(setting.name == name for setting in RUNTIMES[each].traits.settings)]
    if not having:
        known = {each: [setting.name for setting in RUNTIMES[each].traits.settings] for each in timed}
        listed = "; ".join(f"{each} has {', '.join(names) or 'none'}" for each, names in known.items())
        near = _near(name, [each for names in known.values() for each in names])
        raise UnknownNameError(f"no runtime that is timed has the setting {name!r}: {listed}{near}")
    return having


def _values(runtime: str, name: str, written: Iterable[str]) -> tuple[str, ...]:
    setting = _setting(runtime, name)
    return tuple(dict.fromkeys(_value(runtime, setting, each.strip()) for each in written))


def _setting(runtime: str, name: str) -> SettingTraits:
    traits = RUNTIMES[runtime].traits
    try:
        return traits.setting(name)
    except UnknownNameError as error:
        near = _near(name, [each.name for each in traits.settings])
        raise UnknownNameError(f"{error}{near}") from None


def _value(runtime: str, setting: SettingTraits, value: str) -> str:
    if value == DEFAULT:
        return setting.default
    if value not in setting.value_names:
        what = UnknownNameError.among(f"value of {runtime}:{setting.name}", value, setting.value_names)
        raise UnknownNameError(f"{what}{_near(value, setting.value_names)}")
    return value


def _near(written: str, known: Iterable[str]) -> str:
    near = get_close_matches(written, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
