"""Runtimes that are JavaScript: TensorFlow.js, ONNX Runtime Web and LiteRT.js, in Node and in pages of Chromium."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import cast

from lab4.domain.catalogue import RuntimeTraits
from lab4.runtimes.host import HostContext, RuntimeHost
from lab4.runtimes.runtime import Runtime


def javascript_host(context: HostContext) -> RuntimeHost:
    """Return the host of all runtimes that are JavaScript."""
    # By name: it knows how to measure, which a runtime does not.
    return cast("RuntimeHost", import_module("lab4.javascript.host").JavaScriptHost(context))


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRuntime(Runtime):
    """A runtime in an engine of JavaScript.

    ``module`` is the one of ``lab4/javascript/engine`` that opens it, ``backend`` what computes in it, and ``is_page``
    says whether it runs in a page of a browser, or in Node. ``resizes`` is false where it takes calls only of the sizes
    that are in the file.
    """

    host: Callable[[HostContext], RuntimeHost] = javascript_host
    module: str
    backend: str
    is_page: bool = False
    resizes: bool = True


def _entry(name: str, label: str, engine: tuple[str, str, str], *devices: str) -> EngineRuntime:
    """Make the runtime of a container, module and backend: in a page that draws on these devices, or else in Node."""
    container, module, backend = engine
    is_page = bool(devices)
    place = "browser" if is_page else "node"
    traits = RuntimeTraits(name, label, place, is_native=True, devices=devices or ("cpu",), containers=(container,))
    return EngineRuntime(traits, is_extra=True, module=module, backend=backend, is_page=is_page)


_TFJS, _ONNX, _LITERT = ("tfjs", "tfjs"), ("onnx", "onnxruntime"), ("tflite", "litert")

# The worksheet's: the format names it, so that it is timed by default.
TFJS_NODE = replace(_entry("tfjs_node", "TensorFlow.js (wasm, Node)", (*_TFJS, "wasm")), is_extra=False)
TFJS_NODE_CPU = _entry("tfjs_node_cpu", "TensorFlow.js (plain, Node)", (*_TFJS, "cpu"))
TFJS_CHROMIUM = _entry("tfjs_chromium", "TensorFlow.js (wasm, Chromium)", (*_TFJS, "wasm"), "cpu")
TFJS_CHROMIUM_CPU = _entry("tfjs_chromium_cpu", "TensorFlow.js (plain, Chromium)", (*_TFJS, "cpu"), "cpu")
TFJS_WEBGL = _entry("tfjs_webgl", "TensorFlow.js (WebGL)", (*_TFJS, "webgl"), "cpu", "gpu")
TFJS_WEBGPU = _entry("tfjs_webgpu", "TensorFlow.js (WebGPU)", (*_TFJS, "webgpu"), "gpu")
ONNX_NODE = _entry("onnx_node", "ONNX Runtime Web (wasm, Node)", (*_ONNX, "wasm"))
ONNX_CHROMIUM = _entry("onnx_chromium", "ONNX Runtime Web (wasm, Chromium)", (*_ONNX, "wasm"), "cpu")
ONNX_WEBGPU = _entry("onnx_webgpu", "ONNX Runtime Web (WebGPU)", (*_ONNX, "webgpu"), "gpu")
LITERT_CHROMIUM = replace(
    _entry("litert_chromium", "LiteRT.js (wasm, Chromium)", (*_LITERT, "wasm"), "cpu"), resizes=False
)
