"""Files as plain pytest-benchmark saves them, of machines that are known and unknown."""

import copy

__all__ = ["IDENTIFIED", "UNKNOWN", "host_document"]

IDENTIFIED = {"node": "desk", "system": "Linux", "release": "1", "cpu": {"brand_raw": "Test CPU", "count": 4}}
#: What is saved where py-cpuinfo tells nothing.
UNKNOWN = {"node": "desk", "system": "Linux", "release": "1", "machine": "x86_64", "processor": "x86_64"}


def host_document(number=0, machine=IDENTIFIED, seconds=1e-3, **changes):
    """A file of one benchmark; each number is a start of its own."""
    return {
        "machine_info": copy.deepcopy(machine),
        "commit_info": {"id": "c0ffee", "dirty": False},
        "datetime": f"2026-01-{1 + number // 24:02d}T{number % 24:02d}:00:00+00:00",
        "benchmarks": [
            {
                "fullname": "test_x.py::test_it",
                "stats": {
                    "min": seconds,
                    "median": seconds,
                    "iterations": 1,
                    "data": [seconds * (1 + call % 7 / 1000) for call in range(70)],
                },
            }
        ],
        **changes,
    }
