"""What the cache says of an entry."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CacheEntry", "Hit"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry's folder; whether it was built just now; and, if it had to be repaired, why."""

    path: Path
    built: bool
    repaired_reason: str | None = None


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """An entry as `Cache.list` returns it; ``created_at`` is ISO 8601."""

    key: str
    kind: str
    description: str
    disk_bytes: int
    created_at: str
