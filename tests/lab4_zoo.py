"""Models of other people, in a folder that ``tox -e tests`` fills (``LAB4_ZOO``)."""

import os
import sys
from pathlib import Path

import pytest

__all__ = ["zoo_file"]


def zoo_file(path):
    """The path of a model in one of the packages; outside tox the test is skipped where the folder is not there."""
    folder = os.environ.get("LAB4_ZOO")
    if folder is None:
        pytest.skip("LAB4_ZOO names no folder with the packages of the group zoo; tox -e tests fills one")
    if sys.version_info >= (3, 13) and path.startswith("rapidocr"):
        pytest.skip("rapidocr-onnxruntime has no wheels for this Python")
    return Path(folder, path)
