"""Values without types: of libraries that publish none, and of plain data that is yet to be checked."""

from typing import Any, TypeAlias

__all__ = ["Untyped"]

Untyped: TypeAlias = Any
