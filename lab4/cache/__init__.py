"""Built models and artifacts by content key; may be deleted at any time.

Knows: folders, checksums, locks between processes. Does not know: runs, what the entries are.
"""

from lab4.cache.folder import default_folder
from lab4.cache.key import content_key
from lab4.cache.store import Cache, CacheEntry, Hit

__all__ = ["Cache", "CacheEntry", "Hit", "content_key", "default_folder"]
