"""Operations and bytes that one call needs by the model's own arithmetic: counted, not measured."""

from math import prod

from lab4.domain.errors import UnavailableError
from lab4.domain.resources import Work
from lab4.domain.untyped import Untyped
from lab4.frameworks import tensorflow

#: Bytes of a weight, input or output by what it is multiplied in.
VALUE_BYTES = {"float32": 4, "int8": 1}
#: Heavy operators that TensorFlow's profiler has no count for, or does not look into: with them its sum is too small.
_UNCOUNTED = frozenset({"Einsum", "PartitionedCall", "StatefulPartitionedCall", "StatelessWhile", "While"})


def work_of(model: Untyped, batch_size: int, weight_bytes: int, arithmetic: str) -> Work:
    """Count a call of a Keras model with one input and one output on ``batch_size`` images.

    Operations are those of TensorFlow's own profiler: a multiply-add counts as two; bias, pooling and softmax count,
    ReLU and reshaping do not, and a padded border counts as if it were multiplied. Arithmetic is dense: the zeros of a
    pruned model are multiplied like any other weight, as every runtime here does. It is the same for every precision.
    ``weight_bytes`` are the artifact's weights, each read once; input and output are added at 4 bytes per value, or 1
    where ``arithmetic`` is ``int8``. What lies between the layers is taken to stay in the cache. Raises
    `UnavailableError` if the model has operators that the profiler cannot count, and `ValueError` if ``arithmetic`` is
    neither ``float32`` nor ``int8``.
    """
    if arithmetic not in VALUE_BYTES:
        raise ValueError(f"unknown arithmetic {arithmetic!r}; expected one of {', '.join(VALUE_BYTES)}")
    tf = tensorflow()
    images = tf.TensorSpec((batch_size, *model.input_shape[1:]), tf.float32)
    call = tf.function(lambda inputs: model(inputs, training=False)).get_concrete_function(images)
    (output,) = call.outputs
    if uncounted := sorted({node.type for node in call.graph.get_operations()} & _UNCOUNTED):
        raise UnavailableError(f"TensorFlow's profiler cannot count the operations of {', '.join(uncounted)}")
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    # Without an output of its own: it prints its whole table otherwise.
    options = builder(builder.float_operation()).with_empty_output().build()
    profile = tf.compat.v1.profiler.profile(call.graph, cmd="scope", options=options)
    values = prod(images.shape) + prod(output.shape)
    return Work(int(profile.total_float_ops), weight_bytes + values * VALUE_BYTES[arithmetic], arithmetic)
