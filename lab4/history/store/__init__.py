"""Histories of runs, in SQLite or PostgreSQL: what gates, trends and comparisons look back on."""

from lab4.history.store.opening import open_store
from lab4.history.store.store import Entry, Point, Store

__all__ = ["Entry", "Point", "Store", "open_store"]
