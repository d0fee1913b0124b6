"""Runs of the suite in processes of their own: of this checkout, another revision, or another environment."""

from lab4.launch.again import measuring_again
from lab4.launch.revision import checked_out, file_at
from lab4.launch.side import LaunchSide, can_interleave, judged_only, require_suite
from lab4.launch.suite import DEFAULT_ARGUMENTS, StartedRun, collected, measured, measured_interleaved, narrows

__all__ = [
    "DEFAULT_ARGUMENTS",
    "LaunchSide",
    "StartedRun",
    "can_interleave",
    "checked_out",
    "collected",
    "file_at",
    "judged_only",
    "measured",
    "measured_interleaved",
    "measuring_again",
    "narrows",
    "require_suite",
]
