"""Whether this machine has what the JavaScript runtimes need; the tests of those that it lacks are skipped."""

import json

import numpy as np
import pytest

from lab4.domain.errors import Lab4Error
from lab4.inputs import StoredExamples
from lab4.javascript.packages import installed, node
from lab4.javascript.page import chromium

__all__ = ["CHANNELS", "NODE", "PAGE", "WITHOUT_NODE", "spin"]


def _missing(*needs):
    try:
        for need in needs:
            need()
    except Lab4Error as error:
        return str(error)
    return ""


#: Why nothing runs in Node here; empty where it does.
WITHOUT_NODE = _missing(node, installed)
NODE = pytest.mark.skipif(bool(WITHOUT_NODE), reason=WITHOUT_NODE or "it is here")
PAGE = pytest.mark.skipif(
    bool(_missing(node, installed, chromium)), reason=_missing(node, installed, chromium) or "it is here"
)
CHANNELS = [pytest.param("node", marks=NODE), pytest.param("page", marks=PAGE)]


def spin(folder, seconds):
    """An artifact whose call takes so long, and a folder with its examples; it returns its input."""
    path = folder / f"spin-{seconds}.json"
    path.write_text(json.dumps({"seconds": seconds}))
    examples = folder / "examples"
    if not examples.exists():
        StoredExamples({"input": np.arange(6, dtype=np.float32).reshape(3, 2)}, is_batched=True).write(examples)
    return path, examples
