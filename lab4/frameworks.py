"""The one door to TensorFlow, its tools and the runtimes.

Every function imports on its first call and raises `UnavailableError` with the reason and the fix
where the package is missing or does not load. Nothing heavy is imported before.
"""

import importlib
import os
import sys
import warnings

from lab4.domain.errors import UnavailableError
from lab4.domain.untyped import Untyped

_SUITE = "pip install 'lab4[suite]'"
#: The variable of a process that runs other people's code: their warnings are not the user's to answer for.
WARNINGS_IGNORED = {"PYTHONWARNINGS": "ignore"}


def ignore_warnings() -> None:
    """Let no warning be an error, in this process and in those it starts, whatever the user asked of Python.

    For processes that run frameworks and converters only: in the user's own, his filters hold.
    """
    os.environ.update(WARNINGS_IGNORED)
    sys.warnoptions[:] = ["ignore"]
    warnings.resetwarnings()
    warnings.simplefilter("ignore")


def _open(module: str, package: str, fix: str = _SUITE) -> Untyped:  # no framework publishes types
    # tfmot knows only Keras 2; drop when it supports Keras 3. Read by TensorFlow at its first import.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # HDF5 makes no file on a file system that has no locks; ours are locked by the cache, or are a process's own.
    os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the packages' own deprecations are not the user's business
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and module.split(".", maxsplit=1)[0] == error.name.split(".")[0]:
            raise UnavailableError(f"{package} is not installed; {fix}") from error
        raise UnavailableError(f"{package} needs {error.name}, which is not installed; {fix}") from error
    except Exception as error:  # a broken native library raises anything: ImportError, TypeError, SystemError
        first_line = str(error).strip().partition("\n")[0]
        raise UnavailableError(f"{package} is installed but does not load ({first_line}); {fix}") from error


def tensorflow() -> Untyped:
    """TensorFlow, as ``tf``."""
    return _open("tensorflow", "TensorFlow")


def keras() -> Untyped:
    """Keras 2, from tf-keras; opens TensorFlow first."""
    tensorflow()
    return _open("tf_keras", "tf-keras")


def keras3() -> Untyped:
    """Keras 3, which is a package of its own."""
    return _open("keras", "Keras 3")


def tfmot() -> Untyped:
    """The TensorFlow Model Optimization toolkit."""
    keras()
    return _open("tensorflow_model_optimization", "tensorflow-model-optimization")


def tf2onnx() -> Untyped:
    """The converter to ONNX; opens TensorFlow first."""
    tensorflow()
    return _open("tf2onnx", "tf2onnx")


def tensorflowjs() -> Untyped:
    """The converter to TensorFlow.js; opens TensorFlow first. Not to be had on Python 3.13."""
    tensorflow()
    return _open(
        "tensorflowjs",
        "tensorflowjs",
        "it works on Python 3.10 to 3.12 only, as tensorflow-decision-forests, which it imports, has no later wheels",
    )


def onnx() -> Untyped:
    """The ONNX file format."""
    return _open("onnx", "onnx")


def onnxruntime() -> Untyped:
    """ONNX Runtime."""
    return _open("onnxruntime", "ONNX Runtime")


def onnxruntime_quantization() -> Untyped:
    """ONNX Runtime's quantizer, which needs onnx."""
    onnx()
    return _open("onnxruntime.quantization", "ONNX Runtime")


def onnxruntime_float16() -> Untyped:
    """The converter to float16 that ONNX Runtime ships, which needs onnx."""
    onnx()
    return _open("onnxruntime.transformers.float16", "ONNX Runtime")


def ai_edge_quantizer() -> Untyped:
    """The quantizer of LiteRT's files; it opens no TensorFlow."""
    return _open("ai_edge_quantizer.quantizer", "ai-edge-quantizer")


def litert() -> Untyped:
    """LiteRT's interpreter module."""
    return _open("ai_edge_litert.interpreter", "LiteRT (ai-edge-litert)")


def litert_schema() -> Untyped:
    """The classes of a TFLite file's flatbuffer, as LiteRT ships them."""
    return _open("ai_edge_litert.schema_py_generated", "LiteRT (ai-edge-litert)")


def litert_flatbuffers() -> Untyped:
    """LiteRT's reader and writer of a TFLite file as objects."""
    return _open("ai_edge_litert.tools.flatbuffer_utils", "LiteRT (ai-edge-litert)")


def tflite_micro() -> Untyped:
    """The interpreter of LiteRT for Microcontrollers, which has wheels for Linux on x86-64 only."""
    return _open("tflite_micro.python.tflite_micro.runtime", "tflite-micro", "pip install 'lab4[micro]'")


def h5py() -> Untyped:
    """The HDF5 file format."""
    return _open("h5py", "h5py")


def pillow_image() -> Untyped:
    """Pillow's ``Image``, which reads image files."""
    return _open("PIL.Image", "Pillow", "pip install 'lab4[images]'")
