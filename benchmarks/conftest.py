"""The suite's folder: `benchmarks/harness/` holds scripts about the harness itself, and no cells."""

collect_ignore = ["harness"]
