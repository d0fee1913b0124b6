"""The one door to TensorFlow, its tools and the runtimes.

Every function imports on its first call and raises `UnavailableError` with the reason and the fix
where the package is missing or does not load. Nothing heavy is imported before.
"""

import importlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


def _open(module: str, package: str, fix: str) -> Untyped:  # no framework publishes types
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


@contextmanager
def _hidden(module: str) -> Iterator[None]:
    """Let the import of a module fail meanwhile, unless it is imported already."""
    is_known = module in sys.modules
    if not is_known:
        sys.modules[module] = None  # type: ignore[assignment]  # Python's own word for none
    try:
        yield
    finally:
        if not is_known:
            del sys.modules[module]


def _door(
    module: str, package: str, fix: str = _SUITE, *, after: Callable[[], Untyped] | None = None, without: str = ""
) -> Callable[[], Untyped]:
    """A function that returns the module, after it has opened another that must be first.

    ``without`` is a package that the module would import for what is not used here.
    """

    def opened() -> Untyped:
        if after is not None:
            after()
        if not without or module in sys.modules:
            return _open(module, package, fix)
        with _hidden(without):
            return _open(module, package, fix)

    return opened


#: TensorFlow, as ``tf``; without JAX, whose models it could convert, it is imported in 3 seconds in place of 3.5.
tensorflow = _door("tensorflow", "TensorFlow", without="jax")
#: The protocol buffers of a SavedModel.
saved_model_proto = _door("tensorflow.core.protobuf.saved_model_pb2", "TensorFlow", after=tensorflow)
#: Keras 2, from tf-keras.
keras = _door("tf_keras", "tf-keras", after=tensorflow)
#: Keras 3, which is a package of its own.
keras3 = _door("keras", "Keras 3")
#: The TensorFlow Model Optimization toolkit.
tfmot = _door("tensorflow_model_optimization", "tensorflow-model-optimization", after=keras)
#: The converter to ONNX.
tf2onnx = _door("tf2onnx", "tf2onnx", after=tensorflow)
_NOT_ON_3_13 = (
    "it works on Python 3.10 to 3.12 only, as tensorflow-decision-forests, which it imports, has no later wheels"
)
#: The converter to TensorFlow.js. Not to be had on Python 3.13.
tensorflowjs = _door("tensorflowjs", "tensorflowjs", _NOT_ON_3_13, after=tensorflow)
#: The converter from graph models of TensorFlow.js, which uses the other one.
tfjs_graph_converter = _door("tfjs_graph_converter.api", "tfjs-graph-converter", _NOT_ON_3_13, after=tensorflowjs)
#: The ONNX file format.
onnx = _door("onnx", "onnx")
#: ONNX Runtime.
onnxruntime = _door("onnxruntime", "ONNX Runtime")
#: ONNX Runtime's quantizer, which needs onnx.
onnxruntime_quantization = _door("onnxruntime.quantization", "ONNX Runtime", after=onnx)
#: The converter to float16 that ONNX Runtime ships, which needs onnx.
onnxruntime_float16 = _door("onnxruntime.transformers.float16", "ONNX Runtime", after=onnx)
#: The quantizer's own module, whose lock `ai_edge_quantizer` replaces.
_quantizer = _door("ai_edge_quantizer.quantizer", "ai-edge-quantizer")
_tqdm = _door("tqdm", "tqdm")
#: LiteRT's interpreter module.
litert = _door("ai_edge_litert.interpreter", "LiteRT (ai-edge-litert)")
#: The classes of a TFLite file's flatbuffer, as LiteRT ships them.
litert_schema = _door("ai_edge_litert.schema_py_generated", "LiteRT (ai-edge-litert)")
#: LiteRT's reader and writer of a TFLite file as objects.
litert_flatbuffers = _door("ai_edge_litert.tools.flatbuffer_utils", "LiteRT (ai-edge-litert)")
#: The interpreter of LiteRT for Microcontrollers, which has wheels for Linux on x86-64 only.
tflite_micro = _door("tflite_micro.python.tflite_micro.runtime", "tflite-micro", "pip install 'lab4[micro]'")
#: The HDF5 file format.
h5py = _door("h5py", "h5py")
brotli = _door("brotli", "brotli")
#: Pillow's ``Image``, which reads image files.
pillow_image = _door("PIL.Image", "Pillow", "pip install 'lab4[images]'")


def ai_edge_quantizer() -> Untyped:
    """The quantizer of LiteRT's files; it opens no TensorFlow."""
    module = _quantizer()
    # The lock between processes of its progress bar is never freed, of which Python warns when a run ends.
    _tqdm().tqdm.set_lock(threading.RLock())
    return module
