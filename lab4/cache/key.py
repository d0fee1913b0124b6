"""Content keys."""

import hashlib
import json
from collections.abc import Mapping

from lab4.domain.errors import CacheError


def content_key(parts: Mapping[str, object]) -> str:
    """Name what is made of ``parts``: 64 hex digits that do not depend on the order of keys.

    Raises `CacheError` for a part that is not plain JSON, since its text could change from run to run.
    """
    try:
        _check_names(parts)
        text = json.dumps(parts, sort_keys=True, allow_nan=False, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise CacheError(f"a content key is made of plain JSON only: {error}") from None
    return hashlib.sha256(text.encode()).hexdigest()


def _check_names(part: object) -> None:
    """JSON would write the keys 1 and "1" alike, and two different things would share an entry."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if not isinstance(name, str):
                raise CacheError(f"a content key is made of plain JSON only: the key {name!r} is not a text")
            _check_names(value)
    elif isinstance(part, list | tuple):
        for value in part:
            _check_names(value)
