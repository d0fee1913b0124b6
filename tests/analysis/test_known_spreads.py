"""How much figures vary between runs of unchanged code: the built-in values, and files of a project's own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.analysis.gate.sides import TIMED
from lab4.analysis.spreads import ANY, built_in, known_by, spreads_of
from lab4.domain.errors import Lab4Error

WHOLE = {
    "schema": 1,
    "freedom": 8,
    "deviations": {"latency": {"quick": {"litert": {"own": 0.02, "relative": 0.01}, ANY: {"own": 0.05}}}},
}


def test_the_built_in_ones_know_the_figures_of_an_inference_run():
    known = built_in()
    for name in set(TIMED) - {"training"}:
        for kind in ("own", "relative", "group", "paired"):
            assert 0.001 < known.deviation(name, "quick", "litert", kind) < 0.5
    assert known.freedom > 2


def test_what_is_unknown_is_that_of_any_runtime_or_profile():
    known = spreads_of(json.dumps(WHOLE), "spreads.json")
    assert known.deviation("latency", "quick", "litert", "relative") == 0.01
    assert known.deviation("latency", "quick", "another", "own") == 0.05
    # Of pairs in the worksheet's profile nothing is shipped but those of any.
    pairs = [built_in().deviation("latency", profile, "litert", "paired") for profile in ("worksheet", ANY)]
    assert pairs[0] == pairs[1] < built_in().deviation("latency", "worksheet", "litert", "own")


def test_what_a_projects_own_spreads_lack_is_built_in_and_as_much_wider_as_its_cells_vary_more():
    known, usual = spreads_of(json.dumps(WHOLE), "spreads.json"), built_in()
    for where in (("memory", "quick", "litert", "own"), ("latency", "thorough", "litert", "relative")):
        assert known.deviation(*where) == usual.deviation(*where)
    of_pairs, own = (usual.deviation("latency", "quick", "litert", kind) for kind in ("paired", "own"))
    assert known.deviation("latency", "quick", "litert", "paired") == pytest.approx(of_pairs * 0.02 / own)


def test_a_figure_that_no_repeated_run_has_shown_varies_by_five_percent():
    assert built_in().deviation("training", "quick", "tensorflow", "own") == 0.05


def test_long_calls_have_spreads_of_their_own_where_these_are_known():
    spread = {"quick": {"litert": {"own": 0.02, "paired": 0.01}, "litert, long calls": {"own": 0.08}}}
    known = spreads_of(json.dumps({**WHOLE, "deviations": {"latency": spread}}), "spreads.json")
    short, long = known_by("litert", 0.9e-3), known_by("litert", 1.1e-3)
    assert [known.deviation("latency", "quick", name, "own") for name in (short, long)] == [0.02, 0.08]
    assert known.deviation("latency", "quick", long, "paired") == 0.01
    before = spreads_of(json.dumps(WHOLE), "spreads.json")  # of a file that has none of long calls
    assert before.deviation("latency", "quick", long, "relative") == 0.01
    assert before.deviation("latency", "quick", "litert, long calls", "own") == 0.02


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "spreads.json has schema 2; this version reads schema 1"),
        ({"freedom": 0}, "spreads.json is damaged, or holds no spreads between runs"),
        ({"deviations": {"latency": {"quick": {"litert": {"own": -1}}}}}, "is damaged"),
        ({"deviations": None}, "is damaged"),
        ({"freedom": 1e200}, "1e+200 is no number from 0.1 to 1e+06"),
        ({"deviations": {"latency": {"quick": {"litert": {"own": 1e-200}}}}}, "is no number from 1e-06 to 10"),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(change, words):
    with pytest.raises(Lab4Error) as refused:
        spreads_of(json.dumps({**WHOLE, **change}), "spreads.json")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60) | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_any_other_text_is_refused_in_one_sentence(text):
    with pytest.raises(Lab4Error):
        spreads_of(text, "spreads.json")


def test_brackets_without_end_are_refused_too():
    with pytest.raises(Lab4Error, match="is damaged"):
        spreads_of("[" * 100_000, "spreads.json")
