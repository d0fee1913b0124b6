"""Files, locks and temporary folders that survive crashes, other processes and poor file systems."""
