"""Marks are derived from traits, so that ``-m`` selects what is new as well."""

from dataclasses import replace

import pytest

from lab4.domain.catalogue import Catalogue, FormatTraits, ModelTraits, TechniqueTraits, marks_of
from lab4.domain.cell import Cell

CATALOGUE = Catalogue(
    models={"net": ModelTraits("net", "Net", original_format="whole")},
    techniques={
        name: TechniqueTraits(name, name, kind=kind)
        for name, kind in (("cut", "pruning"), ("same", "control"), ("grouped", "clustering"))
    },
    formats={
        "whole": FormatTraits("whole", "Whole", container="w", precision="float32"),
        "lite": FormatTraits("lite", "Lite", container="l", precision="float32"),
        "lite8": FormatTraits("lite8", "Lite", container="l", precision="int8"),
        "web": FormatTraits("web", "Web", container="js", precision="float32"),
        "odd": FormatTraits("odd", "Odd"),
    },
)


def marks(form, *techniques, kind="examine"):
    return set(marks_of(Cell(kind, "net", techniques, "cpu", None if kind == "examine" else 1, form), CATALOGUE))


def test_the_original_is_what_each_comparison_starts_from():
    assert marks("whole") == {"quantization", "pruning", "deployment"}


def test_steps_of_precision_are_quantization_and_whole_precision_is_deployment():
    assert marks("lite8") == {"quantization"}
    assert marks("lite") == {"quantization", "deployment"}
    assert marks("web") == {"deployment"}


def test_a_technique_is_marked_as_the_kind_that_it_is():
    assert marks("whole", "cut") == {"pruning"}
    assert marks("whole", "same") == {"pruning", "control"}
    assert marks("whole", "grouped") == {"clustering"}
    assert marks("lite8", "cut", "grouped") == {"pruning", "clustering"}


def test_what_does_not_declare_its_traits_has_no_mark_that_needs_them():
    assert marks("odd") == set()


@pytest.mark.parametrize(("kind", "mark"), [("train", "training"), ("latency", "inference")])
def test_other_kinds_have_one_mark(kind, mark):
    assert marks("whole", kind=kind) == {mark}


def test_a_precision_of_the_same_container_makes_both_a_step():
    formats = {**CATALOGUE.formats, "web8": FormatTraits("web8", "Web", container="js", precision="uint8")}
    more = replace(CATALOGUE, formats=formats)
    assert "quantization" in marks_of(Cell("examine", "net", (), "cpu", None, "web"), more)
