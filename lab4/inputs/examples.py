"""The arrays of one call: each input by name, drawn by its rule, with every dynamic dimension bound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab4.domain.contract import Contract, TensorSpec, dimension_sizes
from lab4.domain.errors import DatasetError, UnknownNameError
from lab4.domain.untyped import Untyped
from lab4.inputs.dtypes import kind_of
from lab4.inputs.guessed import guessed_rule
from lab4.inputs.rules import Rule


@dataclass(frozen=True, slots=True)
class Examples:
    """Calls of a model: for each, an array by input's name; and the rule that drew each input's."""

    calls: tuple[Mapping[str, Any], ...]
    rules: Mapping[str, Rule]


def examples_for(
    contract: Contract, given: Mapping[str, Rule], sizes: Mapping[str, int], count: int, seed: int
) -> Examples:
    """Draw ``count`` calls; the same arguments give the same arrays. ``sizes`` binds dynamic dimensions by name.

    Raises:
        UnknownNameError: for a rule of an input that the model does not have.
        DatasetError: where a dimension is open, or a rule does not fit or is missing.
    """
    names = [tensor.name for tensor in contract.inputs]
    for name in given:
        if name not in names:
            raise UnknownNameError.among("input", name, names)
    rules = {each.name: given.get(each.name) or guessed_rule(each, contract) for each in contract.inputs}
    shapes = {each.name: _shape(each, contract, sizes) for each in contract.inputs}
    rng = np.random.default_rng(seed)
    calls = [
        {each.name: _drawn(each, rules[each.name], shapes[each.name], rng) for each in contract.inputs}
        for _ in range(count)
    ]
    return Examples(tuple(calls), rules)


def _drawn(tensor: TensorSpec, rule: Rule, shape: tuple[int, ...], rng: np.random.Generator) -> Untyped:
    kind_of(tensor)  # refuses what there are no arrays of
    try:
        return rule.draw(shape, tensor.dtype, rng)
    except DatasetError as error:
        raise DatasetError(f"the input {tensor.name!r} by {rule.written}: {error}") from error


def _shape(tensor: TensorSpec, contract: Contract, sizes: Mapping[str, int]) -> tuple[int, ...]:
    if tensor.dimensions is None:
        raise DatasetError(f"the input {tensor.name!r} declares no dimensions, so that no values can be made for it")
    bound = dimension_sizes(contract, sizes)
    missing = [name for name in tensor.dynamic.values() if bound[name] is None]
    if missing:
        wanted = ",".join(f"{name}=SIZE" for name in missing)
        raise DatasetError(f"the input {tensor.name!r} has dimensions of any size: say which, with --lab4-dim {wanted}")
    names = tensor.dynamic
    return tuple(
        (bound[names[axis]] or 1) if each.size is None else each.size for axis, each in enumerate(tensor.dimensions)
    )
