"""Which threads and settings are measured together, and which cells that gives."""

import itertools
from dataclasses import replace
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab4.bench.cells import Axes, cells, runtime_of
from lab4.bench.combinations import (
    combined,
    powers_to,
    timed_runtimes,
    tuning,
    tuning_profile,
    usable_cores,
    with_values,
    worth_trying,
)
from lab4.bench.profiles import PROFILES
from lab4.domain.catalogue import RuntimeTraits, SettingTraits, SettingValue
from lab4.domain.errors import Lab4Error
from lab4.formats import FORMATS
from lab4.runtimes import RUNTIMES

AXES = Axes(("cnn",), (), ("cpu",), (1,), ("onnx", "tflite_float32"))


@st.composite
def runtimes(draw):
    values = draw(st.lists(st.integers(2, 4), max_size=4))
    settings = [
        SettingTraits(f"s{index}", "setting", tuple(SettingValue(f"v{each}") for each in range(count)))
        for index, count in enumerate(values)
    ]
    return RuntimeTraits("engine", "Engine", settings=tuple(settings))


def every(traits):
    return {each.name: each.value_names for each in traits.settings}


@given(runtimes())
def test_every_combination_is_there_once_and_defaults_are_not_named(traits):
    found = combined(traits, every(traits))
    assert len(set(found)) == len(found) == prod(len(each.values) for each in traits.settings)
    assert () in found
    assert all(value != traits.setting(name).default for settings in found for name, value in settings)


@given(runtimes(), st.integers(1, 8))
def test_where_the_product_is_large_settings_are_tried_one_at_a_time(traits, threads):
    found, whole = worth_trying(traits, every(traits), threads), combined(traits, every(traits))
    assert found[0] == ()
    assert set(found) <= set(whole)
    if len(whole) * threads <= 16:
        assert found == whole
    else:
        assert len(found) == 1 + sum(len(each.values) - 1 for each in traits.settings)


@given(st.integers(1, 512))
def test_threads_to_try_are_from_one_to_all(cores):
    found = powers_to(cores)
    assert found[0] == 1
    assert found[-1] == cores
    assert all(1 < more / less <= 2 for less, more in itertools.pairwise(found))


def ids(axes, kind="latency"):
    return [cell.id for cell in cells(kind, axes)]


def test_cells_have_the_settings_that_their_runtime_was_given():
    axes = with_values(AXES, {"onnxruntime": {"graph": ("all", "basic"), "spinning": ("off",)}})
    assert ids(axes) == [
        "cnn-cpu-b1-onnx+spinning.off",
        "cnn-cpu-b1-onnx+graph.basic+spinning.off",
        "cnn-cpu-b1-tflite_float32",
    ]


def test_an_artifact_is_examined_once_whatever_settings_are_timed():
    axes = with_values(AXES, {"litert": {"xnnpack": ("on", "off")}})
    assert ids(axes, "examine") == ids(AXES, "examine")


def test_tuning_times_calls_alone_and_always_the_default():
    axes = tuning(AXES, {}, (2,))
    assert axes.kinds == ("latency",)
    found = ids(axes)
    assert {"cnn-cpu-b1-onnx", "cnn-cpu-b1-tflite_float32", "cnn-cpu-b1-t2-tflite_float32+xnnpack.off"} <= set(found)
    assert len([each for each in found if "tflite" in each]) == 4
    assert not any("arena" in each and "graph" in each for each in found)


def test_tuning_tries_the_values_that_it_is_given():
    found = ids(tuning(AXES, {"onnxruntime": {"graph": ("off",)}}, (1,)))
    assert [each for each in found if "tflite" not in each] == ["cnn-cpu-b1-onnx", "cnn-cpu-b1-onnx+graph.off"]


def test_tuning_without_a_choice_is_refused():
    with pytest.raises(Lab4Error, match="--lab4-tune: there is nothing to choose from: one thread, and no other"):
        tuning(replace(AXES, formats=("saved_model",)), {}, (1,))


def test_runtimes_that_replace_others_are_not_tuned():
    of_tfjs = FORMATS["tfjs"].traits.runtimes
    assert timed_runtimes(replace(AXES, formats=("tfjs",))) == tuple(
        name for name in of_tfjs if RUNTIMES[name].traits.is_native
    )
    assert len(timed_runtimes(replace(AXES, formats=("tfjs",)))) < len(of_tfjs)
    assert timed_runtimes(replace(AXES, runtimes=("litert",))) == ("litert",)


def test_only_runtimes_that_have_cells_are_tuned():
    several = replace(AXES, formats=("keras", "onnx"))
    assert set(tuning(several, {}, (2,)).settings) == {runtime_of(cell) for cell in cells("latency", several)}


def test_threads_are_those_that_this_process_may_use():
    assert tuning(AXES, {}).threads == powers_to(usable_cores())


@pytest.mark.parametrize("name", PROFILES)
def test_tuning_has_rounds_to_choose_and_to_judge(name):
    profile = tuning_profile(PROFILES[name])
    assert profile.min_rounds >= 24
    assert profile.max_rounds >= max(profile.min_rounds, PROFILES[name].max_rounds)
    assert profile.cell_s >= PROFILES[name].cell_s
