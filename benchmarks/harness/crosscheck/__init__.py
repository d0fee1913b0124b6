"""The suite's latency of model files next to external tools' of the same files: ratios with their 95% intervals.

Run it from the root of a checkout: ``python -m benchmarks.harness.crosscheck [FILE...]``. A new external tool is a
module in ``tools/`` with an `ExternalTool`, and its line in ``tools/__init__.py``.
"""
