"""Entries come from files of ours and from other packages; what is wrong with one costs nobody else anything."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from lab4.domain.errors import CellIdError, UnavailableError, UnknownNameError
from lab4.domain.registry import Registry

GROUP = "lab4.test_numbers"


@dataclass(frozen=True)
class Number:
    name: str
    value: int


class Shape(Protocol):
    @property
    def sides(self) -> int: ...

    def area(self) -> float: ...


def numbers(entry_type=None):
    return Registry("number", {"pi": "math:pi", "tau": "math:tau"}, GROUP, entry_type)


def test_another_packages_entry_is_listed_after_ours_and_loaded_when_asked_for(strangers):
    strangers("acme-numbers", {(GROUP, "e"): "acme_e:E"}, {"acme_e.py": "E = 2.718"})
    registry = numbers()
    assert list(registry) == ["pi", "tau", "e"]
    assert "e" in registry
    assert len(registry) == 3
    assert registry["e"] == 2.718
    assert (registry.package_of("e"), registry.module_of("e")) == ("acme-numbers", "acme_e")
    assert (registry.package_of("pi"), registry.module_of("pi")) == ("lab4", "math")
    assert registry.faults() == {}


def test_an_unknown_name_is_answered_with_all_of_them(strangers):
    strangers("acme-numbers", {(GROUP, "e"): "acme_e:E"}, {"acme_e.py": "E = 2.718"})
    with pytest.raises(UnknownNameError, match="unknown number 'phi'; valid: pi, tau, e"):
        _ = numbers()["phi"]


def test_two_packages_that_register_one_name_are_both_named(strangers):
    strangers("acme-one", {(GROUP, "e"): "acme_e:E"}, {"acme_e.py": "E = 2.718"})
    strangers("acme-two", {(GROUP, "e"): "acme_f:E"}, {"acme_f.py": "E = 2.719"})
    with pytest.raises(UnavailableError, match=r"the number 'e' is registered by two packages, acme-\w+ and acme-\w+"):
        _ = numbers()["e"]
    assert numbers()["pi"]


def test_a_package_cannot_take_the_name_of_an_entry_of_ours(strangers):
    strangers("acme-numbers", {(GROUP, "pi"): "acme_e:E"}, {"acme_e.py": "E = 3"})
    with pytest.raises(UnavailableError, match="the number 'pi' is registered by two packages, lab4 and acme-numbers"):
        _ = numbers()["pi"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module", "importing acme_e:E raised ModuleNotFoundError: No module named 'no_such_module'"),
        ("raise ValueError('two\\nlines')", "importing acme_e:E raised ValueError: two"),
        ("import sys; sys.exit(3)", "importing acme_e:E raised SystemExit: 3"),
        ("F = 1", "importing acme_e:E raised AttributeError: module 'acme_e' has no attribute 'E'"),
        ("E =", "importing acme_e:E raised SyntaxError: "),
    ],
)
def test_an_entry_that_raises_is_unavailable_with_its_reason_and_the_others_stand(strangers, source, reason):
    points = {(GROUP, "e"): "acme_e:E", (GROUP, "i"): "acme_i:I"}
    strangers("acme-numbers", points, {"acme_e.py": source, "acme_i.py": "I = 1j"})
    registry = numbers()
    with pytest.raises(UnavailableError) as refused:
        _ = registry["e"]
    assert str(refused.value).startswith(f"the number 'e' of the package acme-numbers cannot be used: {reason}")
    assert "\n" not in str(refused.value)
    assert registry["i"] == 1j
    assert registry.faults() == {"e": str(refused.value)}


def test_a_deprecation_that_another_package_uses_is_no_error(strangers):
    source = "import warnings; warnings.warn('old', DeprecationWarning); E = 2"  # pytest makes it an error here
    strangers("acme-numbers", {(GROUP, "e"): "acme_e:E"}, {"acme_e.py": source})
    assert numbers()["e"] == 2


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("E = 'text'", "it is of type str, and must be a Number"),
        ("from test_registry import Number; E = Number('f', 2)", "it calls itself 'f'; register it by that name"),
    ],
)
def test_an_entry_that_is_not_what_its_kind_needs_is_refused(strangers, monkeypatch, source, reason):
    monkeypatch.setitem(__import__("sys").modules, "test_registry", __import__("sys").modules[__name__])
    strangers("acme-numbers", {(GROUP, "e"): "acme_e:E"}, {"acme_e.py": source})
    with pytest.raises(UnavailableError, match=reason):
        _ = numbers(Number)["e"]


def test_an_entry_that_lacks_what_a_protocol_has_is_refused(strangers):
    strangers("acme-shapes", {(GROUP, "e"): "acme_e:E"}, {"acme_e.py": "class E:\n    sides = 3"})
    with pytest.raises(
        UnavailableError, match="the number 'e' of the package acme-shapes cannot be used: it has no area"
    ):
        _ = numbers(Shape)["e"]


def test_a_name_that_cannot_be_an_id_is_refused_with_what_may_stand_there(strangers):
    strangers("acme-numbers", {(GROUP, "a b"): "acme_e:E"}, {"acme_e.py": "E = 1"})
    with pytest.raises(CellIdError, match="'a b' cannot name a number: use letters, digits, underscores, and dots or"):
        _ = numbers()["a b"]
    assert "cannot name a number" in numbers().faults()["a b"]


@pytest.mark.parametrize("word", ["all", "default"])
def test_the_words_of_the_options_are_nobodys_name(strangers, word):
    strangers("acme-numbers", {(GROUP, word): "acme_e:E"}, {"acme_e.py": "E = 1"})
    with pytest.raises(CellIdError, match=f"'{word}' cannot name a number: in options it means several of them"):
        _ = numbers()[word]


def test_a_registry_without_a_group_is_closed(strangers):
    strangers("acme-numbers", {("", "e"): "acme_e:E"}, {"acme_e.py": "E = 1"})
    assert list(Registry("number", {"pi": "math:pi"})) == ["pi"]


def test_words_of_an_option_stand_for_several_entries(strangers):
    points = {(GROUP, "e"): "acme_e:E", (GROUP, "f"): "acme_e:F"}
    strangers("acme-numbers", points, {"acme_e.py": "E = 1"})
    registry = numbers()
    assert registry.expanded(["all"]) == ["pi", "tau", "e"]
    assert registry.expanded(["default", "e"]) == ["pi", "tau", "e"]
    assert registry.expanded(["default", "e"], ["tau"]) == ["tau", "e"]
    assert registry.expanded(["anything"]) == ["anything"]
