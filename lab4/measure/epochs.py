"""What an epoch of training is run by: a loop of steps on the device, or one program that XLA compiles of all of it."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from lab4.domain.observed import STEP_LOOP
from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow


class Epochs(ABC):
    """Epochs of a compiled model on images and targets that are put on the device once, where there must be memory.

    Images are trained on in an order, in batches, the last of what is left, as ``fit`` does.
    """

    #: What it is in the record.
    program: ClassVar[str]

    def __init__(self, model: Untyped, images: Untyped, targets: Untyped, batch_size: int) -> None:
        tf = tensorflow()
        self.model, self.count, self.batch_size = model, len(images), batch_size
        dtype = tf.float32 if targets.dtype.kind == "f" else tf.int64
        self._images, self._targets = tf.constant(images), tf.constant(targets, dtype)

    @abstractmethod
    def run(self, order: Untyped) -> None:
        """Train on all images, in the order of these numbers, int64 (n,)."""

    @abstractmethod
    def trace(self) -> None:
        """Trace and compile, by training on as few images as that takes."""

    @abstractmethod
    def prepare(self) -> None:
        """Let TensorFlow prepare again what a new seed made it drop, without a step, where it drops something."""

    def _steps(self, tf: Untyped, order: Untyped, batch_size: int, first: int, end: Untyped) -> None:
        """Add steps to a graph: on the images of ``order`` from the place ``first`` until before ``end``."""

        def step(start: Untyped) -> Untyped:
            # A slice of a size known to the graph: a tenth faster for the FCNN than one that is cut at the end.
            batch = tf.slice(order, [start], [batch_size])
            self.model.train_step((tf.gather(self._images, batch), tf.gather(self._targets, batch)))
            return start + batch_size

        tf.while_loop(lambda start: start < end, step, [tf.constant(first)])


class StepLoop(Epochs):
    """A graph for each batch size, with a loop on the device: no Python and no input pipeline between its steps."""

    program = STEP_LOOP

    def __init__(self, model: Untyped, images: Untyped, targets: Untyped, batch_size: int) -> None:
        super().__init__(model, images, targets, batch_size)
        sizes = (batch_size, self.count % batch_size)
        self._graphs = {size: self._graph(size) for size in sizes if 0 < size <= self.count}

    def _graph(self, batch_size: int) -> Untyped:
        """A graph that takes an order of images, int64 (k * batch_size,), and makes k steps; none where k is 0."""
        tf = tensorflow()

        def run(order: Untyped) -> None:
            self._steps(tf, order, batch_size, 0, tf.size(order))

        # Any length of the order is one trace, so that the first step's serves every epoch.
        return tf.function(run, input_signature=[tf.TensorSpec([None], tf.int64)])

    def run(self, order: Untyped) -> None:
        """Train on these images: whole batches and the partial one."""
        tf = tensorflow()
        for size, graph in self._graphs.items():
            whole = len(order) // size * size
            # int64: TensorFlow keeps int32 on the host.
            graph(tf.constant(order[:whole], tf.int64))
            order = order[whole:]

    def trace(self) -> None:
        """Make a step of each batch size."""
        self.run(np.arange(sum(self._graphs)))

    def prepare(self) -> None:
        """Run the graphs without a step."""
        self.run(np.arange(0))


class EpochProgram(Epochs):
    """One program for the whole epoch, compiled by XLA: the device is launched once.

    The number of steps is a constant of it, so that on a GPU nothing asks between steps whether another follows. XLA
    uses no seed for random operations, such as those of dropout: two runs then differ. It is not for CPUs: on two cores
    it took 1.0 to 1.9 times as long as the loop for the FCNN, and 20 to 90 times for the CNN, whose convolutions'
    gradients it does without a library.
    """

    program = "one program per epoch, compiled by XLA"

    def __init__(self, model: Untyped, images: Untyped, targets: Untyped, batch_size: int) -> None:
        super().__init__(model, images, targets, batch_size)
        tf = tensorflow()
        whole = self.count // batch_size * batch_size

        def run(order: Untyped) -> None:
            if whole:
                self._steps(tf, order, batch_size, 0, whole)
            if whole < self.count:
                self._steps(tf, order, self.count - whole, whole, self.count)

        signature = [tf.TensorSpec([self.count], tf.int64)]
        self.compiled = tf.function(run, input_signature=signature, jit_compile=True)

    def run(self, order: Untyped) -> None:
        """Train on all images."""
        tf = tensorflow()
        self.compiled(tf.constant(order, tf.int64))

    def trace(self) -> None:
        """Make a whole epoch: a program of fewer steps would be another one."""
        self.run(np.arange(self.count))

    def prepare(self) -> None:
        """Nothing: the program stays compiled."""
