"""Which of an artifact's inputs is which of the model's: converters rename them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lab4.domain.errors import ConversionError

#: What TensorFlow puts around the name of an input that it exports.
_PREFIX, _SUFFIX = "serving_default_", ":0"


def input_names(
    call: Mapping[str, Any], names: Sequence[str], ranks: Mapping[str, int] | None = None
) -> dict[str, str]:
    """By the artifact's name of each input, the name that it has in ``call``, the inputs of one call of the model.

    Names that are equal belong together, without what TensorFlow's exporters add to them too. An input that is left
    belongs to the only one that is left, or the only one of its ``ranks``, its number of dimensions: never to one by
    position alone.

    Raises:
        ConversionError: where an input has no counterpart.

    >>> input_names({"audio": [0.0]}, ["serving_default_audio:0"])
    {'serving_default_audio:0': 'audio'}
    """
    found = {name: _plain(name) if _plain(name) in call else name for name in names if {name, _plain(name)} & set(call)}
    left = [name for name in call if name not in found.values()]
    for name in [each for each in names if each not in found]:
        fitting = left if len(left) == 1 else [each for each in left if ranks and ranks[name] == np.ndim(call[each])]
        if len(fitting) != 1:
            raise ConversionError(
                f"the artifact's input {name} is none of the model's, which are {', '.join(call)}, and its number of "
                "dimensions does not say which it is"
            )
        found[name] = fitting[0]
        left.remove(fitting[0])
    return {name: found[name] for name in names}


def _plain(name: str) -> str:
    return name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
