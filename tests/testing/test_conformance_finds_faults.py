"""The conformance suites fail where an entry breaks a rule, with a sentence that says which."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_strangers import write_package

ENTRIES = Path(__file__).with_name("broken_entries.py")
#: Kind, name of the entry and its attribute; the test that must fail, and what it must say.
FAULTS = [
    ("format", "turned", "TURNED", "it_computes_what_the_model_computes", "disagrees with its original"),
    ("format", "one_image", "ONE_IMAGE", "it_computes_the_same_for_any_batch", "differ by"),
    (
        "format",
        "no_kernels",
        "NO_KERNELS",
        "the_zeros_of_a_pruned_model_are_in_its_kernels",
        "kernels yields 0 weights",
    ),
    ("format", "ones", "ONES", "the_zeros_of_a_pruned_model_are_in_its_kernels", "0% zeros of a model with 80%"),
    ("format", "no_precision", "NO_PRECISION", "its_traits_are_complete", "does not declare its precision"),
    ("format", "other_container", "OTHER_CONTAINER", "its_runtimes_read_its_container", "reads onnx"),
    ("format", "anything_goes", "ANYTHING_GOES", "its_tolerance_is_one", "least share of equal predictions"),
    ("format", "bad_label", "BAD_LABEL", "its_label_can_be_shown_in_a_line", "no table can show"),
    ("technique", "unkept", "UNKEPT", "its_promises_are_kept_in_the_files", "at least 0.5 was promised"),
    ("technique", "vacuous", "VACUOUS", "a_model_without_it_breaks_each_promise", "does not prove vacuous"),
    ("technique", "unchecked", "UNCHECKED", "each_promise_has_a_check", "unchecked promises"),
    ("technique", "in_place", "IN_PLACE", "it_changes_a_copy", "changes the weights of the model"),
    ("technique", "forgetful", "FORGETFUL", "it_preserves_what_it_says", "at least 0.95 was promised"),
    ("model", "logits", "LOGITS", "it_gives_outputs_of_its_task_for_any_images_and_classes", "no probabilities"),
    ("model", "constant", "CONSTANT", "it_learns", "easy to tell apart"),
    ("model", "one_shape", "ONE_SHAPE", "it_gives_outputs_of_its_task_for_any_images_and_classes", "for images of"),
    ("dataset", "shared", "shared", "no_image_is_in_both_parts", "validation images of shared are trained on"),
    ("dataset", "random", "random", "it_is_the_same_each_time", "differs from process to process"),
    ("dataset", "three_classes", "three_classes", "its_arrays_are_the_suites", "labels of 3 classes, not 4"),
    ("dataset", "other_name", "other_name", "its_arrays_are_the_suites", "calls itself 'another'"),
    ("runtime", "nothing", "NOTHING", "it_computes_what_the_model_computes", "disagrees with its original"),
    ("runtime", "no_choice", "NO_CHOICE", "its_settings_have_names_and_values", "only needs two values at least"),
    (
        "runtime",
        "other_result",
        "OTHER_RESULT",
        "it_computes_the_same_with_each_setting",
        "disagrees with its original",
    ),
    ("runtime", "no_place", "NO_PLACE", "its_code_shows_how_each_setting_is_chosen", "has no place for {a}"),
    ("runtime", "bad_code", "BAD_CODE", "its_code_shows_how_each_setting_is_chosen", "code does not run"),
    ("metric", "wrong_way", "WRONG_WAY", "perfect_predictions_are_best", "of perfect predictions is not the best"),
    ("metric", "in_order", "IN_ORDER", "the_order_of_examples_does_not_matter", "depends on the order of examples"),
    ("metric", "percent", "PERCENT", "a_share_is_within_its_unit", "of perfect predictions is not 1"),
    ("metric", "unlike", "UNLIKE", "it_returns_what_its_traits_say", "unlike returns a Score"),
    ("device", "far_device", "FAR_DEVICE", "its_rounding_is_one", "rounding of 1.0"),
    ("device", "far_device", "FAR_DEVICE", "its_names_are_those_of_the_runtimes", "not a device of TensorFlow's"),
]


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """What the failed tests say, by name of entry and test."""
    folder = tmp_path_factory.mktemp("broken")
    points = {(f"lab4.{kind}s", name): f"broken_entries:{attribute}" for kind, name, attribute, *_ in FAULTS}
    write_package(folder, "broken-entries", points, {"broken_entries.py": ENTRIES.read_text(encoding="utf-8")})
    suites = {kind: [name for k, name, *_ in FAULTS if k == kind] for kind, *_ in FAULTS}
    tests = "\n\n".join(
        f"class Test{kind.title()}(testing.{kind.title()}Conformance):\n    names = {tuple(dict.fromkeys(names))}"
        for kind, names in suites.items()
    )
    (folder / "test_broken.py").write_text(f"from lab4 import testing\n\n{tests}\n", encoding="utf-8")
    nodes = [f"test_broken.py::Test{kind.title()}::test_{test}[{name}]" for kind, name, _, test, _ in FAULTS]
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=line", "-rfE", *nodes],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1, answer.stdout + answer.stderr
    found = re.findall(r"^FAILED .*::test_(\w+)\[(\w+)\] - (.*)$", answer.stdout, re.MULTILINE)
    return {(name, test): said for test, name, said in found}


@pytest.mark.parametrize(("name", "test", "sentence"), [(name, *rest) for _, name, _, *rest in FAULTS])
def test_the_fault_is_found_and_named(failures, name, test, sentence):
    assert sentence in failures.get((name, test), "nothing: the test passed")


def test_a_suite_without_names_is_refused(tmp_path):
    (tmp_path / "test_none.py").write_text(
        "from lab4.testing import DatasetConformance\n\nclass TestNone(DatasetConformance): ...\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert answer.returncode != 0
    assert "TestNone has no names; set them, such as names = ('mine',)" in answer.stdout + answer.stderr
