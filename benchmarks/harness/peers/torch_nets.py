"""The worksheet's nets in PyTorch, with the weights of the Keras models."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.harness.peers.calls import Calls
from benchmarks.harness.peers.suite_calls import LEARNING_RATE, Net, digits
from lab4.devices import DEVICES
from lab4.domain.errors import UnavailableError

__all__ = ["epoch", "inference"]

_DROPOUT = 0.3
#: Steps before a graph is recorded, as PyTorch's own guide does.
_BEFORE_RECORDING = 3


def _torch(threads: int | None = None) -> Any:
    try:
        import torch
    except ModuleNotFoundError:
        raise UnavailableError("PyTorch is not installed; pip install 'lab4[peers]'") from None
    if threads is not None:
        torch.set_num_threads(threads)
    return torch


def _net(torch: Any, model: str, weights: list[Any] | None) -> Any:
    """The net on images (n, 1, 28, 28), which returns scores before softmax."""
    nn = torch.nn
    if model == "fcnn":
        layers = [nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(_DROPOUT)]
        layers += [nn.Linear(256, 128), nn.ReLU(), nn.Dropout(_DROPOUT), nn.Linear(128, 10)]
    else:
        layers = [nn.Conv2d(1, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(32, 64, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
        layers += [nn.Linear(3136, 128), nn.ReLU(), nn.Dropout(_DROPOUT), nn.Linear(128, 10)]
    torch.manual_seed(1)
    net = nn.Sequential(*layers)
    if weights is not None:
        _give(torch, [each for each in net if hasattr(each, "weight")], weights)
    return net


def _give(torch: Any, layers: list[Any], weights: list[Any]) -> None:
    """Keras has kernels (height, width, in, out) and (in, out), and flattens (height, width, channels)."""
    channels = 0  # of images that are still to be flattened
    with torch.no_grad():
        for layer, kernel, bias in zip(layers, weights[::2], weights[1::2], strict=True):
            if hasattr(layer, "kernel_size"):
                moved, channels = kernel.transpose(3, 2, 0, 1), kernel.shape[3]
            elif channels:
                moved = kernel.reshape(-1, channels, kernel.shape[1]).transpose(2, 1, 0).reshape(kernel.shape[::-1])
                channels = 0
            else:
                moved = kernel.T
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(moved)))
            layer.bias.copy_(torch.from_numpy(bias))


def _device(torch: Any, device: str) -> Any:
    wanted = DEVICES[device]
    if wanted.traits.is_host:
        return torch.device("cpu")
    if torch.cuda.device_count() <= wanted.index:
        raise UnavailableError(f"PyTorch sees no {wanted.label}; install its build for CUDA")
    return torch.device(f"cuda:{wanted.index}")


def inference(made: Net, device: str, threads: int | None, way: str, images: Any) -> tuple[Calls, Any]:
    """Calls of the net: ``eager``, ``traced`` (and frozen), or ``graph`` (a CUDA graph, on a GPU)."""
    torch = _torch(threads)
    place = _device(torch, device)
    net = torch.nn.Sequential(_net(torch, made.model, made.weights), torch.nn.Softmax(dim=1)).eval().to(place)
    host = torch.from_numpy(images.reshape(-1, 1, 28, 28))
    fixed = host.to(place).clone()
    with torch.inference_mode():
        if way == "traced":
            net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, fixed)))
        outputs = net(fixed).cpu().numpy()
    if way == "graph":
        return _recorded(torch, net, host, fixed), outputs

    def compute() -> Any:
        with torch.inference_mode():
            result = net(fixed)
        if place.type != "cpu":
            torch.cuda.synchronize()
        return result

    def whole() -> Any:
        with torch.inference_mode():
            return net(torch.from_numpy(images.reshape(-1, 1, 28, 28)).to(place)).cpu().numpy()

    return {"whole": whole, "compute": compute}, outputs


def _recorded(torch: Any, net: Any, host: Any, fixed: Any) -> Calls:
    """The net as a CUDA graph on fixed memory; the host's side is pinned, as one would do it by hand."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side), torch.inference_mode():
        for _ in range(_BEFORE_RECORDING):
            net(fixed)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        results = net(fixed)
    given, taken = host.pin_memory(), torch.empty(results.shape, pin_memory=True)

    def compute() -> None:
        graph.replay()
        torch.cuda.synchronize()

    def whole() -> None:
        fixed.copy_(given, non_blocking=True)
        graph.replay()
        taken.copy_(results, non_blocking=True)
        torch.cuda.synchronize()

    return {"whole": whole, "compute": compute}


def epoch(model: str, device: str, batch_size: int, count: int) -> Callable[[], None]:
    """An epoch of whole batches on data on the device; on a GPU a step is a CUDA graph."""
    torch = _torch()
    place = _device(torch, device)
    images, labels = digits(count)
    x, y = torch.from_numpy(images.reshape(-1, 1, 28, 28)).to(place), torch.from_numpy(labels).to(place)
    net = _net(torch, model, None).to(place).train()
    on_gpu = place.type != "cpu"
    adam = torch.optim.Adam(net.parameters(), LEARNING_RATE, fused=True, **({"capturable": True} if on_gpu else {}))
    loss = torch.nn.CrossEntropyLoss()
    batch = torch.zeros(batch_size, dtype=torch.int64, device=place)

    def step() -> None:
        adam.zero_grad(set_to_none=True)
        loss(net(x[batch]), y[batch]).backward()
        adam.step()

    train = _step_graph(torch, step) if on_gpu else step

    def run() -> None:
        order = torch.randperm(count, device=place)
        for first in range(0, count - batch_size + 1, batch_size):
            batch.copy_(order[first : first + batch_size])
            train()
        if on_gpu:
            torch.cuda.synchronize()

    return run


def _step_graph(torch: Any, step: Callable[[], None]) -> Callable[[], None]:
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_BEFORE_RECORDING):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    replay: Callable[[], None] = graph.replay
    return replay
