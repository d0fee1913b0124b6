"""A bare loop, as one would write it by hand: a program of its own that imports nothing of lab4.

Its argument is a JSON object: ``path``, ``api`` (interpreter, compiled_model or onnxruntime), ``inputs`` (their names),
``arrays`` (a .npz file with one array for each, in that order), ``threads``, ``seconds`` and ``warmup_calls``. It
prints a JSON object: seconds per call of ``whole`` (with copies) and ``compute-only`` (without), as far as the
interface has.
"""

import json
import sys
from time import perf_counter
from typing import Any

import numpy as np

__all__ = ["main"]


def timed(call: Any, task: Any) -> list[float]:
    """Seconds of each call."""
    for _ in range(task["warmup_calls"]):
        call()
    samples: list[float] = []
    end = perf_counter()
    stop = end + task["seconds"]
    while end < stop or not samples:
        start = perf_counter()
        call()
        end = perf_counter()
        samples.append(end - start)
    return samples


def interpreter(task: Any, inputs: Any) -> dict[str, Any]:
    """LiteRT's Interpreter."""
    from ai_edge_litert.interpreter import Interpreter

    model = Interpreter(model_path=task["path"], num_threads=task["threads"])
    indices = {each["name"]: each["index"] for each in model.get_input_details()}
    signatures = list(model.get_signature_list())
    if len(signatures) == 1:
        details = model.get_signature_runner(signatures[0]).get_input_details()
        indices |= {name: each["index"] for name, each in details.items()}
    sources = [(indices[name], array) for name, array in inputs.items()]
    targets = [each["index"] for each in model.get_output_details()]
    for source, array in sources:
        model.resize_tensor_input(source, array.shape)
    model.allocate_tensors()
    for source, array in sources:
        model.set_tensor(source, array)

    def whole() -> None:
        for source, array in sources:
            model.set_tensor(source, array)
        model.invoke()
        for target in targets:
            model.get_tensor(target)

    return {"whole": whole, "compute-only": model.invoke}


def compiled_model(task: Any, inputs: Any) -> dict[str, Any]:
    """LiteRT's newer CompiledModel, with buffers that stay bound."""
    from ai_edge_litert.compiled_model import CompiledModel, CpuOptions, HardwareAccelerator, Options

    options = Options(
        hardware_accelerators=HardwareAccelerator.CPU, cpu_options=CpuOptions(num_threads=task["threads"])
    )
    model = CompiledModel.from_file(task["path"], options=options)
    key = next(iter(model.get_signature_list()))
    sources = {name: model.create_input_buffer_by_name(key, name) for name in model.get_input_tensor_details(key)}
    targets = {name: model.create_output_buffer_by_name(key, name) for name in model.get_output_tensor_details(key)}
    # The signature's names may be others than the file's: where there is one input, there is no choice.
    for name, source in sources.items():
        source.write(next(iter(inputs.values())) if len(sources) == 1 else inputs[name])
    return {"compute-only": lambda: model.run_by_name(key, sources, targets)}


def onnxruntime(task: Any, inputs: Any) -> dict[str, Any]:
    """ONNX Runtime's session."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = task["threads"]
    session = InferenceSession(task["path"], options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for name, array in inputs.items():
        binding.bind_cpu_input(name, array)
    for output in session.get_outputs():
        binding.bind_output(output.name)
    return {"whole": lambda: session.run(None, inputs), "compute-only": lambda: session.run_with_iobinding(binding)}


def main() -> None:
    """Time what the argument says and print the samples."""
    task = json.loads(sys.argv[1])
    arrays = np.load(task["arrays"])
    inputs = {name: arrays[f"arr_{number}"] for number, name in enumerate(task["inputs"])}
    apis = {"interpreter": interpreter, "compiled_model": compiled_model, "onnxruntime": onnxruntime}
    calls = apis[task["api"]](task, inputs)
    print(json.dumps({name: timed(call, task) for name, call in calls.items()}))  # its answer


if __name__ == "__main__":
    main()
