"""What a user would take instead, on this CPU: OpenVINO and PyTorch next to the suite's runtimes, in one run.

Run ``python -m benchmarks.harness.cpu_peers`` from a checkout with ``pip install '.[suite,peers]'``. All have the same
nets and weights, inputs, threads and batch sizes, OpenVINO the same ONNX file, and float32. Each is in a process of its
own, pinned to a core per thread; they take turns in rounds of random order. ``whole`` is a call with the copies of
input and output, ``compute`` one without. A figure in microseconds is the least of the rounds' medians, which others
on the machine have disturbed least, and ``times`` is it against ONNX Runtime in the suite. ``rounds`` is the median of
the rounds' ratios, with its 95% interval: a wide one is of a busy machine. ``benchmark_app`` is OpenVINO's own tool.
"""

import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.harness.peers import openvino_calls, suite_calls, torch_nets
from benchmarks.harness.peers.calls import keep_calls, timed_calls
from benchmarks.harness.peers.rounds import Contender, ratio_text, take_turns, workers
from lab4.domain.errors import Lab4Error

SUITE = {
    "ONNX Runtime": ("onnxruntime", "onnx"),
    "ONNX Runtime, bound": ("onnxruntime_bound", "onnx"),
    "LiteRT": ("litert", "tflite_float32"),
    "TensorFlow": ("tensorflow", "keras"),
}
#: How far outputs may be apart, which are probabilities.
AGREES = 1e-5


def contenders(net, batch_size, threads, seconds, of):
    """Open each in its process, and require that all compute the same."""
    images = suite_calls.digits(batch_size)[0]
    key = f"{net.model} {batch_size}"
    ways = {
        f"{name} (suite)": (suite_calls.inference, named, net.folder, "cpu", threads, images)
        for name, named in SUITE.items()
    }
    ways["OpenVINO"] = (openvino_calls.inference, net.folder / "model.onnx", threads, images)
    for way in ("eager", "traced"):
        ways[f"PyTorch, {way}"] = (torch_nets.inference, net, "cpu", threads, way, images)
    found, expected = [], None
    for name, (make, *arguments) in ways.items():
        worker = of(f"{name} with {threads}")
        contender = Contender(name, partial(worker.call, timed_calls, key, threads, seconds))
        try:
            outputs = worker.call(keep_calls, key, threads, make, *arguments)
            expected = outputs if expected is None else expected
            if (apart := float(np.abs(outputs - expected).max())) > AGREES:
                contender.refused = f"its outputs differ by {apart:.1e}"
        except Lab4Error as error:
            contender.refused = str(error)
        found.append(contender)
    app = partial(openvino_calls.benchmark_app_s, net.folder / "model.onnx", threads, images.shape, net.folder)
    return [*found, Contender("OpenVINO, benchmark_app", app)]


def table(model, batch_size, threads, found):
    print(f"\n{model}, batch {batch_size}, {threads} thread{'s'[: threads - 1]}\n")
    print(
        "| | whole, us | times | rounds | compute, us | times | rounds |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for contender in found:
        if contender.refused:
            print(f"| {contender.name} | not measured: {contender.refused} | | | | | |")
            continue
        cells = []
        for content in ("whole", "compute"):
            mine, its = contender.least_s(content), found[0].least_s(content)
            cells.append("" if mine is None else f"{mine * 1e6:,.1f}")
            cells.append("" if mine is None or its is None else f"{mine / its:.2f}")
            cells.append(ratio_text(contender, found[0], content))
        print(f"| {contender.name} | {' | '.join(cells)} |", flush=True)


def main():
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", nargs="+", default=["cnn", "fcnn"], choices=["cnn", "fcnn"])
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[1, 32])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.2, help="per contender, clock and round")
    options = parser.parse_args()
    for threads in options.threads:
        with TemporaryDirectory() as folder, workers(Path(folder)) as of:
            groups = {}
            for model in options.models:
                forms = ("keras", "onnx", "tflite_float32")
                net = of("builder").call(suite_calls.net_of, model, forms, Path(folder) / model)
                for batch_size in options.batch_sizes:
                    groups[model, batch_size] = contenders(net, batch_size, threads, options.seconds, of)
            take_turns([each for group in groups.values() for each in group], options.rounds)
            for (model, batch_size), found in groups.items():
                table(model, batch_size, threads, found)


if __name__ == "__main__":
    sys.exit(main())
