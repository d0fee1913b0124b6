"""Built models and artifacts by content key; may be deleted at any time."""

from lab4.cache.folder import default_folder
from lab4.cache.packed import digest_of
from lab4.cache.store import Cache, CacheEntry, Hit, content_key

__all__ = ["Cache", "CacheEntry", "Hit", "content_key", "default_folder", "digest_of"]
