"""The wall between files and types: a version that can be read, data that fits, else one clear sentence."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lab4.domain.errors import RecordError
from lab4.history.schema import SCHEMA_VERSION

__all__ = ["check_version", "checked"]

M = TypeVar("M", bound=BaseModel)
#: No format has a million versions; and Python does not print numbers of thousands of digits.
_IMPOSSIBLE = 1_000_000


def check_version(data: object) -> None:
    """Refuse what this lab4 cannot read, before looking at fields that it may not know.

    Raises:
        RecordError: if ``data`` has no schema version, an impossible or a newer one.
    """
    version = data.get("schema_version") if isinstance(data, dict) else None
    # ``True`` is an int to Python, and not a version.
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version < _IMPOSSIBLE:
        raise RecordError("it has no valid schema_version")
    if version > SCHEMA_VERSION:
        raise RecordError(f"it has schema version {version} and this lab4 reads up to {SCHEMA_VERSION}; upgrade lab4")


def checked(model: type[M], data: object) -> M:
    """Return ``data`` as ``model``.

    Raises:
        RecordError: naming the first field at fault and what is wrong with it.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        fault = first["msg"].removeprefix("Value error, ")
        # One line, whatever stands in the file's keys.
        raise RecordError(" ".join(f"{place}: {fault}".split()) if place else fault) from None
