"""Built models and artifacts by content key; may be deleted at any time."""

from lab4.cache.default import default_folder
from lab4.cache.key import content_key
from lab4.cache.store import Cache, CacheEntry, Hit

__all__ = ["Cache", "CacheEntry", "Hit", "content_key", "default_folder"]
