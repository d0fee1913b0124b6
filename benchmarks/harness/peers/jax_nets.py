"""The worksheet's nets in JAX, with the weights of the Keras models; training is one compiled program per epoch."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.harness.peers.calls import Calls
from benchmarks.harness.peers.suite_calls import LEARNING_RATE, Net, digits
from lab4.devices import DEVICES
from lab4.domain.errors import UnavailableError

__all__ = ["epoch", "inference"]

_KEPT = 0.7


def _jax(device: str) -> tuple[Any, Any]:
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others need the GPU's memory too
    wanted = DEVICES[device]
    try:
        import jax
    except ModuleNotFoundError:
        raise UnavailableError("JAX is not installed; pip install jax (or jax[cuda12] on a GPU)") from None
    try:
        return jax, jax.devices(wanted.traits.kind)[wanted.index]
    except (RuntimeError, IndexError):
        raise UnavailableError(
            f"JAX sees no {wanted.label}; install its build for CUDA, such as 'jax[cuda12]'"
        ) from None


def _scores(jax: Any, model: str, weights: Any, images: Any, key: Any = None) -> Any:
    """Scores before softmax; dropout where there is a key."""
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    x = images
    if model == "cnn":
        for kernel, bias in layers[:2]:
            dimensions = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=dimensions) + bias
            x = jax.lax.reduce_window(jax.nn.relu(x), -np.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        layers = layers[2:]
    x = x.reshape(len(x), -1)
    for number, (kernel, bias) in enumerate(layers[:-1]):
        x = jax.nn.relu(x @ kernel + bias)
        if key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, number), _KEPT, x.shape)
            x = jax.numpy.where(kept, x / _KEPT, 0.0)
    return x @ layers[-1][0] + layers[-1][1]


def inference(net: Net, device: str, images: Any) -> tuple[Calls, Any]:
    """Calls of the compiled net."""
    jax, place = _jax(device)
    held = jax.device_put(net.weights, place)
    infer = jax.jit(lambda x: jax.nn.softmax(_scores(jax, net.model, held, x)))
    fixed = jax.device_put(images, place)
    return {
        "whole": lambda: np.asarray(infer(jax.device_put(images, place))),
        "compute": lambda: infer(fixed).block_until_ready(),
    }, np.asarray(infer(fixed))


def epoch(net: Net, device: str, batch_size: int, count: int) -> Callable[[], None]:
    """An epoch of whole batches on data on the device, by one program with `jax.lax.scan` over its steps."""
    jax, place = _jax(device)
    import optax

    images, labels = (jax.device_put(each, place) for each in digits(count))
    adam = optax.adam(LEARNING_RATE)
    steps = count // batch_size

    def loss(held: Any, batch: Any, key: Any) -> Any:
        scores = _scores(jax, net.model, held, images[batch], key)
        return optax.softmax_cross_entropy_with_integer_labels(scores, labels[batch]).mean()

    def step(carried: Any, batch: Any) -> Any:
        held, state, key = carried
        key, own = jax.random.split(key)
        changes, state = adam.update(jax.grad(loss)(held, batch, own), state)
        return (optax.apply_updates(held, changes), state, key), None

    def run_all(held: Any, state: Any, key: Any) -> Any:
        key, own = jax.random.split(key)
        order = jax.random.permutation(own, count)[: steps * batch_size].reshape(steps, batch_size)
        return jax.lax.scan(step, (held, state, key), order)[0]

    program = jax.jit(run_all, donate_argnums=(0, 1))
    held = jax.device_put(net.weights, place)
    carried = [held, adam.init(held), jax.device_put(jax.random.PRNGKey(1), place)]

    def run() -> None:
        carried[:] = program(*carried)
        jax.block_until_ready(carried)

    return run
