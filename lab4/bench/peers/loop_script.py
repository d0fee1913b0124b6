"""A bare loop, as one would write it by hand: a program of its own that imports nothing of lab4.

Its argument is a JSON object: ``path``, ``api`` (interpreter, compiled_model or onnxruntime), ``input_name``,
``shape``, ``dtype`` (float32 or int8), ``threads``, ``seconds`` and ``warmup_calls``. It prints a JSON object:
seconds a call of ``whole`` (with copies) and ``alone`` (without), whichever the interface has.
"""

import json
import sys
from time import perf_counter
from typing import Any

import numpy as np

__all__ = ["main"]


def timed(call: Any, wish: Any) -> list[float]:  # noqa: ANN401
    """Seconds of each call."""
    for _ in range(wish["warmup_calls"]):
        call()
    samples: list[float] = []
    end = perf_counter()
    stop = end + wish["seconds"]
    while end < stop or not samples:
        start = perf_counter()
        call()
        end = perf_counter()
        samples.append(end - start)
    return samples


def interpreter(wish: Any, inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """LiteRT's Interpreter."""
    from ai_edge_litert.interpreter import Interpreter

    model = Interpreter(model_path=wish["path"], num_threads=wish["threads"])
    source, target = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]
    model.resize_tensor_input(source, wish["shape"])
    model.allocate_tensors()

    def whole() -> None:
        model.set_tensor(source, inputs)
        model.invoke()
        model.get_tensor(target)

    return {"whole": whole, "alone": model.invoke}


def compiled_model(wish: Any, inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """LiteRT's newer CompiledModel, with buffers that stay bound."""
    from ai_edge_litert.compiled_model import CompiledModel, CpuOptions, HardwareAccelerator, Options

    options = Options(
        hardware_accelerators=HardwareAccelerator.CPU, cpu_options=CpuOptions(num_threads=wish["threads"])
    )
    model = CompiledModel.from_file(wish["path"], options=options)
    key = next(iter(model.get_signature_list()))
    sources = {name: model.create_input_buffer_by_name(key, name) for name in model.get_input_tensor_details(key)}
    targets = {name: model.create_output_buffer_by_name(key, name) for name in model.get_output_tensor_details(key)}
    for source in sources.values():
        source.write(inputs)
    return {"alone": lambda: model.run_by_name(key, sources, targets)}


def onnxruntime(wish: Any, inputs: Any) -> dict[str, Any]:  # noqa: ANN401
    """ONNX Runtime's session."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = wish["threads"]
    session = InferenceSession(wish["path"], options, providers=["CPUExecutionProvider"])
    feeds = {wish["input_name"]: inputs}
    binding = session.io_binding()
    binding.bind_cpu_input(wish["input_name"], inputs)
    for output in session.get_outputs():
        binding.bind_output(output.name)
    return {"whole": lambda: session.run(None, feeds), "alone": lambda: session.run_with_iobinding(binding)}


def main() -> None:
    """Time what the argument says and print the samples."""
    wish = json.loads(sys.argv[1])
    random = np.random.default_rng(0).random(wish["shape"])
    inputs = (random * 255 - 128).astype(np.int8) if wish["dtype"] == "int8" else random.astype(np.float32)
    apis = {"interpreter": interpreter, "compiled_model": compiled_model, "onnxruntime": onnxruntime}
    calls = apis[wish["api"]](wish, inputs)
    print(json.dumps({name: timed(call, wish) for name, call in calls.items()}))  # noqa: T201  # its answer


if __name__ == "__main__":
    main()
