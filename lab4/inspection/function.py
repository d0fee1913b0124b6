"""Models that a Python function builds."""

from lab4.domain.errors import ConversionError, Lab4Error
from lab4.domain.inspected import Inspected
from lab4.domain.text import first_line
from lab4.functions import function_of
from lab4.inspection.keras_model import inspected


def inspect_function(written: str) -> Inspected:
    """Describe the Keras model that the function returns.

    Raises:
        ConversionError: where it returns something else.
    """
    function = function_of(written)
    try:
        model = function()
    except Exception as error:
        raise Lab4Error(f"{written} raised {type(error).__name__}: {first_line(error)}") from error
    if not all(hasattr(type(model), each) for each in ("layers", "get_weights", "call")):
        raise ConversionError(f"{written} returned a {type(model).__name__}; it must return a Keras model")
    if not getattr(model, "inputs", None):
        raise ConversionError(f"{written} returned a model that is not built: begin it with an Input layer")
    return inspected(model, "function")
