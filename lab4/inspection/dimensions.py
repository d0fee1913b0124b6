"""The sizes of dynamic dimensions: those that the user gives, and 1 for the first of a tensor, which is the batch."""

from collections.abc import Mapping

from lab4.domain.contract import Contract
from lab4.domain.errors import UnknownNameError


def dimension_sizes(contract: Contract, given: Mapping[str, int]) -> dict[str, int | None]:
    """By name, the size of each dynamic dimension of the inputs; ``None`` for those that are open."""
    dynamic = [(axis, name) for tensor in contract.inputs for axis, name in tensor.dynamic.items()]
    batch = {name for axis, name in dynamic if axis == 0}
    return {name: given.get(name, 1 if name in batch else None) for _, name in dynamic}


def require_known(contract: Contract, given: Mapping[str, int]) -> None:
    """Refuse sizes of dimensions that the model does not have.

    Raises:
        UnknownNameError: with those that it has.
    """
    known = [name for tensor in contract.inputs for name in tensor.dynamic.values()]
    for name in given:
        if name not in known:
            valid = list(dict.fromkeys(known))
            if not valid:
                raise UnknownNameError(f"unknown dimension {name!r}; all dimensions of the inputs are fixed")
            raise UnknownNameError.among("dimension", name, valid)
