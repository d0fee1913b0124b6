"""A rule for an input that the user gave none for; each is marked as a guess, and some are not made."""

from dataclasses import replace

import numpy as np

from lab4.domain.contract import FILE, GUESSED, Contract, Stated, TensorSpec
from lab4.domain.errors import DatasetError
from lab4.inputs.dtypes import has_arrays, kind_of
from lab4.inputs.rules import Rule, parse_rule

#: Real numbers that are no image: most nets are trained on values of about this size.
_REAL = "range:-1,1"
_IMAGE = "range:0,1"


def guessed_rule(tensor: TensorSpec, contract: Contract) -> Rule:
    """The rule for ``tensor``: state starts at zero, images are in 0..1, whole numbers are below the vocabulary.

    Raises:
        DatasetError: for an input whose value decides what is computed, and for text, which must be given; and for
            dtypes that NumPy does not have.
    """
    if any(state.input == tensor.name for state in contract.states):
        return parse_rule("const:0", GUESSED)
    if tensor.is_steering:
        raise DatasetError(
            f"the input {tensor.name!r} decides which part of the model is computed, and is not guessed: "
            f"give it, such as --lab4-input {tensor.name}=const:1"
        )
    if tensor.vocabulary is not None:
        return parse_rule(f"below:{tensor.vocabulary}", FILE)
    return replace(parse_rule(_written(tensor)), origin=GUESSED)


def stated_values(contract: Contract) -> dict[str, Stated]:
    """For each input, the rule that its values would be drawn by, or why it must be given."""
    return {tensor.name: _stated(tensor, contract) for tensor in contract.inputs}


def _stated(tensor: TensorSpec, contract: Contract) -> Stated:
    try:
        rule = guessed_rule(tensor, contract)
    except DatasetError:
        return Stated("must be given" if has_arrays(tensor) else f"none can be made of {tensor.dtype}", FILE)
    return Stated(rule.written, rule.origin)


def _written(tensor: TensorSpec) -> str:
    if tensor.dtype == "string":
        raise DatasetError(
            f"the input {tensor.name!r} takes text, and is not guessed: give it, such as --lab4-input "
            f"{tensor.name}=const:TEXT"
        )
    kind = kind_of(tensor)
    if kind == "f":
        return _IMAGE if tensor.layout is not None else _REAL
    if kind == "b":
        return "choice:true,false"
    if tensor.quantization is not None or tensor.dtype in {"int8", "uint8"}:
        limits = np.iinfo(tensor.dtype)
        return f"range:{limits.min},{limits.max}"
    return "range:0,1"
