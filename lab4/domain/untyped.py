"""Values without types: of libraries that publish none, and of plain data that is yet to be checked."""

from typing import Any, TypeAlias

Untyped: TypeAlias = Any
