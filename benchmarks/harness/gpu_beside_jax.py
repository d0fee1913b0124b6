"""The suite's training and inference on a GPU next to JAX and PyTorch: the same nets in one run on the same card.

Run ``python -m benchmarks.harness.gpu_beside_jax`` on a machine with a GPU, with the builds of JAX and PyTorch for it.
``--device cpu`` runs all of it on the CPU, to see that it works: no figure of that says anything of a GPU.

Training is of the worksheet's nets on MNIST images that are on the device; an epoch ends when the device is idle. The
suite's loop of steps and its compiled program are next to JAX (one compiled program per epoch) and PyTorch (on a GPU
a CUDA graph per step). Inference is in microseconds per call, host to host and compute only; PyTorch's is a CUDA graph
on a GPU. Each contender is in a process of its own; they take turns in rounds of random order.
"""

import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.harness.peers import jax_nets, suite_calls, torch_nets
from benchmarks.harness.peers.calls import keep_calls, keep_epoch, timed_calls, timed_epochs
from benchmarks.harness.peers.rounds import Contender, ratio_text, take_turns, workers
from lab4.devices import DEVICES
from lab4.devices.fingerprint import gpus
from lab4.domain.errors import Lab4Error

SUITE = {
    "ONNX Runtime": ("onnxruntime", "onnx"),
    "ONNX Runtime, bound": ("onnxruntime_bound", "onnx"),
    "TensorFlow": ("tensorflow", "keras"),
    "TensorFlow, XLA": ("tensorflow_xla", "keras"),
}
PROGRAM, JAX, GRAPH = "suite, compiled program", "JAX", "PyTorch"
#: What training shall reach of JAX's samples per second, and inference's best cell of PyTorch's time.
WANTED_OF_JAX, WANTED_OF_GRAPH = 0.8, 1.25
#: Frameworks may multiply as TensorFloat-32 on a GPU.
ON_CPU, ON_GPU = 1e-5, 5e-3


def opened(name, worker, keep, key, measure, *arguments):
    """A contender, and what keeping its call or epoch returned; one that does not open says why."""
    contender = Contender(name, measure)
    try:
        return contender, worker.call(keep, key, *arguments)
    except Lab4Error as error:
        contender.refused = str(error)
        return contender, None


def training(net, batch_size, options, of):
    """The four ways to train, each with its first epoch made."""
    count, device = options.images, options.device
    ways = {
        "suite, loop of steps": (suite_calls.epoch, "loop", net.model, device, batch_size, count),
        PROGRAM: (suite_calls.epoch, "xla", net.model, device, batch_size, count),
        JAX: (jax_nets.epoch, net, device, batch_size, count),
        GRAPH: (torch_nets.epoch, net.model, device, batch_size, count),
    }
    found = []
    for name, (make, *arguments) in ways.items():
        worker, key = of(name), f"{net.model} {batch_size}"

        def measure(worker=worker, key=key):
            return {"epoch": worker.call(timed_epochs, key, options.seconds)}

        found.append(opened(name, worker, keep_epoch, key, measure, make, *arguments)[0])
    return found


def inference(net, batch_size, options, of):
    """The suite's runtimes, JAX and PyTorch; all must compute the same."""
    device, images = options.device, suite_calls.digits(batch_size)[0]
    threads = None if device != "cpu" else 1
    way = "eager" if device == "cpu" else "graph"
    ways = {
        GRAPH: (torch_nets.inference, net, device, threads, way, images),
        JAX: (jax_nets.inference, net, device, images),
    }
    for name, named in SUITE.items():
        ways[f"suite, {name}"] = (suite_calls.inference, named, net.folder, device, threads, images)
    found, expected = [], None
    for name, (make, *arguments) in ways.items():
        worker, key = of(f"{name}, inference"), f"{net.model} {batch_size}"
        measure = partial(worker.call, timed_calls, key, threads, options.seconds)
        contender, outputs = opened(name, worker, keep_calls, key, measure, threads, make, *arguments)
        if outputs is not None:
            expected = outputs if expected is None else expected
            apart = float(np.abs(outputs - expected).max())
            if apart > (ON_CPU if device == "cpu" else ON_GPU):
                contender.refused = f"its outputs differ by {apart:.1e}"
        found.append(contender)
    return found


def training_table(groups, count):
    print("\n| Net | Batch | | Samples/s | Time against JAX |\n| --- | --- | --- | --- | --- |")
    for (model, batch_size), found in groups.items():
        jax = next(each for each in found if each.name == JAX)
        for each in found:
            seconds = each.median_s("epoch")
            # JAX and PyTorch leave the last images out that do not fill a batch.
            trained = count if each.name.startswith("suite") else count // batch_size * batch_size
            rate = f"not measured: {each.refused}" if seconds is None else f"{trained / seconds:,.0f}"
            print(f"| {model} | {batch_size} | {each.name} | {rate} | {ratio_text(each, jax, 'epoch')} |", flush=True)


def inference_table(groups):
    print("\n| Net | Batch | | Host to host, us | Against PyTorch | Compute only, us | Against PyTorch |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (model, batch_size), found in groups.items():
        for each in found:
            cells = []
            for content in ("whole", "compute"):
                seconds = each.median_s(content)
                cells.append(each.refused or ("" if seconds is None else f"{seconds * 1e6:,.1f}"))
                cells.append(ratio_text(each, found[0], content))
            print(f"| {model} | {batch_size} | {each.name} | {' | '.join(cells)} |", flush=True)


def missed(trained, timed, count):
    """Sentences on what is not as wanted."""
    for (model, batch_size), found in trained.items():
        mine, jax = (next(each for each in found if each.name == name).median_s("epoch") for name in (PROGRAM, JAX))
        if mine and jax:
            share = (count / mine) / (count // batch_size * batch_size / jax)
            if share < WANTED_OF_JAX:
                yield f"training the {model} at batch {batch_size} reaches {share:.2f} of JAX, wanted {WANTED_OF_JAX}"
    for (model, batch_size), (graph, _, *ours) in timed.items():
        for content in ("whole", "compute"):
            best = min((s for each in ours if (s := each.median_s(content))), default=None)
            other = graph.median_s(content)
            if best and other and best > WANTED_OF_GRAPH * other:
                yield (
                    f"{model}, batch {batch_size}, {content}: the best cell takes {best / other:.2f} of PyTorch's, "
                    f"wanted {WANTED_OF_GRAPH}"
                )


def main():
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="gpu", choices=[*DEVICES])
    parser.add_argument("--models", nargs="+", default=["cnn", "fcnn"], choices=["cnn", "fcnn"])
    parser.add_argument("--train-batch-sizes", nargs="+", type=int, default=[128, 2048])
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[1, 32])
    parser.add_argument("--images", type=int, default=8000, help="trained on per epoch, 8,000 at most")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.3, help="per contender, clock and round")
    options = parser.parse_args()
    cards = ", ".join(f"{each.name}, driver {each.driver}" for each in gpus()) or "no GPU listed by the driver"
    print(
        f"device {options.device} ({cards}); {options.rounds} rounds of {options.seconds:g} s, {options.images} images"
    )
    with TemporaryDirectory() as name, workers(Path(name)) as of:
        trained, timed = {}, {}
        for model in options.models:
            net = of("builder").call(suite_calls.net_of, model, ("keras", "onnx"), Path(name) / model)
            for batch_size in options.train_batch_sizes:
                trained[model, batch_size] = training(net, batch_size, options, of)
            for batch_size in options.batch_sizes:
                timed[model, batch_size] = inference(net, batch_size, options, of)
        take_turns([each for group in (*trained.values(), *timed.values()) for each in group], options.rounds)
    training_table(trained, options.images)
    inference_table(timed)
    if DEVICES[options.device].traits.is_host:
        print("\nOn the CPU: this shows that the comparison runs, and nothing of a GPU.")
        return 0
    sentences = list(missed(trained, timed, options.images))
    print("\n" + ("\n".join(sentences) or "Training and inference are as wanted."))
    return bool(sentences)


if __name__ == "__main__":
    sys.exit(main())
