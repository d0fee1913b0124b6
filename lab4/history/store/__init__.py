"""Histories of runs, in SQLite or PostgreSQL: what gates, trends and comparisons look back on."""

from lab4.history.store.opening import can_be_copied, is_there, open_copy, open_store, require_history
from lab4.history.store.store import HistoryEntry, Point, Store

__all__ = ["HistoryEntry", "Point", "Store", "can_be_copied", "is_there", "open_copy", "open_store", "require_history"]
