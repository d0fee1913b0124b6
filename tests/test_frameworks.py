"""TensorFlow is opened without what is not used, and without taking it from others."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

OPENED = """
import sys
from lab4.frameworks import tensorflow
tensorflow()
assert "jax" not in sys.modules, "JAX was imported"
import jax
"""


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
def test_tensorflow_is_opened_without_jax_which_can_be_imported_all_the_same():
    ended = subprocess.run([sys.executable, "-c", OPENED], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
