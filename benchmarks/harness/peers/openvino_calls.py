"""OpenVINO on an ONNX file: from Python, and by its own ``benchmark_app``."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness.crosscheck.tools.processes import ran, script_command
from benchmarks.harness.peers.calls import Calls
from lab4.domain.errors import UnavailableError
from lab4.measure.cores import pinned

__all__ = ["benchmark_app_s", "inference", "median_s"]

_MEDIAN = re.compile(r"Median:\s+([\d.]+) (us|ms)")
_UNITS = {"us": 1e-6, "ms": 1e-3}


def inference(path: Path, threads: int, images: Any) -> tuple[Calls, Any]:
    """Calls of the file, in float32: on processors with bfloat16 OpenVINO would take that by itself."""
    try:
        import openvino
    except ModuleNotFoundError:
        raise UnavailableError("OpenVINO is not installed; pip install 'lab4[peers]'") from None
    core = openvino.Core()
    model = core.read_model(path)
    model.reshape(images.shape)
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    outputs = np.array(request.infer([images])[0])
    return {"whole": lambda: request.infer([images])[0], "compute": request.infer}, outputs


def benchmark_app_s(path: Path, threads: int, shape: tuple[int, ...], folder: Path) -> dict[str, float]:
    """Median seconds per call by ``benchmark_app``, of a second's synchronous calls on the same threads and shape.

    Raises:
        UnavailableError: where it is not here, or ends badly.
    """
    words = ["-m", str(path), "-d", "CPU", "-api", "sync", "-hint", "none", "-nstreams", "1", "-t", "1"]
    words += ["-nthreads", str(threads), "-infer_precision", "f32", "-shape", str([*shape]).replace(" ", "")]
    with pinned(threads):  # the process that is started inherits the cores
        return {"compute": median_s(ran([*script_command("benchmark_app", "openvino"), *words], folder))}


def median_s(printed: str) -> float:
    r"""The median in seconds from what it prints; raises `UnavailableError` if it prints something else.

    >>> round(median_s("[ INFO ] Latency:\n[ INFO ]    Median:        73.00 us\n"), 9)
    7.3e-05
    """
    found = _MEDIAN.search(printed)
    if found is None:
        raise UnavailableError("benchmark_app ended well, but printed no median that this version of lab4 can read")
    return float(found[1]) * _UNITS[found[2]]
