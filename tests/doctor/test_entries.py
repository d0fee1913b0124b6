"""What other packages add is listed; what cannot be used is named with its reason, in one line."""

from lab4.doctor.checks import System
from lab4.doctor.software import entries

DATASET = "def load(): ..."


def test_nothing_is_added_where_nothing_is_installed(strangers):
    strangers("acme", {}, {})
    assert entries(System()).state == "good"


def test_entries_that_can_be_used_are_listed_with_their_package(strangers):
    strangers("acme", {("lab4.datasets", "shapes"): "acme_shapes:load"}, {"acme_shapes.py": DATASET})
    found = entries(System())
    assert found.state == "good"
    assert "dataset shapes (acme)" in str(found)


def test_an_entry_that_cannot_be_used_is_told_with_its_reason(strangers):
    points = {("lab4.datasets", "shapes"): "acme_shapes:load", ("lab4.formats", "flat"): "acme_shapes:load"}
    strangers("acme", points, {"acme_shapes.py": DATASET})
    found = entries(System())
    assert found.state == "lacks"
    assert "the format 'flat' of the package acme cannot be used: it is of type function, and must be a Format" in str(
        found
    )
    assert "\n" not in str(found)
