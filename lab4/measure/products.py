"""Matrix products of a known number of operations, in ONNX Runtime: what arithmetic can reach here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from lab4.domain.untyped import Untyped
from lab4.frameworks import onnx, onnxruntime

__all__ = ["FLOAT32", "INT8", "Product", "operations", "product_call"]

_OPSET, _IR_VERSION = 15, 8  # old enough for every ONNX Runtime that lab4 takes


@dataclass(frozen=True, slots=True)
class Product:
    """A square matrix product as an operator of ONNX, from inputs of these NumPy types."""

    operator: str
    left: str
    right: str
    output: str

    def __str__(self) -> str:
        return f"{self.operator} {self.left} x {self.right}"


FLOAT32 = (Product("MatMul", "float32", "float32", "float32"),)
#: Which is fastest depends on the processor's instructions. On an AVX-512 VNNI machine (EPYC 9005, one thread, N 1024)
#: they reach 876, 832 and 43 GOP/s; uint8 x uint8 351, and QGemm of ONNX Runtime's own domain what QLinearMatMul does.
INT8 = (
    Product("MatMulInteger", "uint8", "int8", "int32"),
    Product("QLinearMatMul", "uint8", "int8", "uint8"),
    Product("MatMulInteger", "int8", "int8", "int32"),
)


def operations(size: int) -> int:
    """Operations of a product of two matrices of ``size`` x ``size``, a multiply-add counting as two."""
    return 2 * size**3


def product_call(product: Product, size: int, threads: int) -> Callable[[], object]:
    """A call that multiplies two matrices of ``size`` x ``size`` in ``threads`` threads; the right one is constant.

    Raises:
        UnavailableError: if ONNX or ONNX Runtime is not installed.
    """
    runtime = onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _model(product, size).SerializeToString()
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    # Bound: neither the copy of the inputs nor the allocation of the output is arithmetic.
    binding = session.io_binding()
    value = runtime.OrtValue
    binding.bind_ortvalue_input("left", value.ortvalue_from_numpy(_matrix(product.left, size), "cpu", 0))
    binding.bind_ortvalue_output("out", value.ortvalue_from_shape_and_type([size, size], np.dtype(product.output)))
    return partial(session.run_with_iobinding, binding)


def _matrix(dtype: str, size: int) -> Untyped:
    """Numbers that overflow nowhere and are no special case of an arithmetic unit: no zeros, no subnormals."""
    values = np.random.default_rng(0).integers(1, 100, (size, size))
    return values.astype(dtype)


def _model(product: Product, size: int) -> Untyped:
    """One node. The right matrix is an initializer, so that the session packs it once for its kernel."""
    helper = onnx().helper
    constants = {"right": _matrix(product.right, size)}
    names = ["left", "right"]
    if product.operator == "QLinearMatMul":
        constants |= {
            **dict.fromkeys(("left_scale", "right_scale", "out_scale"), np.array(1, np.float32)),
            **dict.fromkeys(("left_zero", "out_zero"), np.array(0, product.left)),
            "right_zero": np.array(0, product.right),
        }
        names = ["left", "left_scale", "left_zero", "right", "right_scale", "right_zero", "out_scale", "out_zero"]
    graph = helper.make_graph(
        [helper.make_node(product.operator, names, ["out"])],
        "product",
        [_tensor("left", product.left, size)],
        [_tensor("out", product.output, size)],
        [onnx().numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", _OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def _tensor(name: str, dtype: str, size: int) -> Untyped:
    helper = onnx().helper
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), [size, size])
