"""Which dtypes of inputs there are arrays of."""

import numpy as np

from lab4.domain.contract import TensorSpec
from lab4.domain.errors import DatasetError

#: NumPy's kinds of dtypes that values can be made for: truth values, whole and real numbers, texts.
_KINDS = "biufO"


def has_arrays(tensor: TensorSpec) -> bool:
    """Whether values can be made of its dtype: NumPy itself has no bfloat16, and no rule draws complex numbers."""
    try:
        return tensor.dtype == "string" or np.dtype(tensor.dtype).kind in _KINDS
    except TypeError:
        return False


def kind_of(tensor: TensorSpec) -> str:
    """The kind of the input's values as NumPy calls it: ``b``, ``i``, ``u``, ``f``, or ``O`` for text.

    Raises:
        DatasetError: for a dtype of which there are no arrays.
    """
    if not has_arrays(tensor):
        raise DatasetError(
            f"the input {tensor.name!r} takes {tensor.dtype}, of which no values can be made here; "
            "export the model with an input of another dtype"
        )
    return "O" if tensor.dtype == "string" else np.dtype(tensor.dtype).kind
