"""Files, locks and temporary folders that survive crashes, other processes and poor file systems.

Knows: what a file system can do, who owns a folder, how a file is replaced whole. Does not know: what is in the files.
"""
